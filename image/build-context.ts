import { hash } from "node:crypto";
import { type Dirent, existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../settings/user-error.ts";
import { Dockerignore, type Verdict } from "./dockerignore.ts";

/** A file or symbolic link of the build context, or a folder with nothing in it. */
export interface ContextFile {
  /** Relative to the context, with forward slashes. */
  path: string;
  kind: "file" | "executable" | "link" | "folder";
  /** A file's SHA-256, a link's target; empty for a folder. */
  holds: string;
}

/** Where the program stages builds. Inside a context, it would change the key of the next build. */
const ownFolder = ".slipway";

/**
 * Reads what a build is sent of a folder: what its .dockerignore lets through, sorted by path.
 *
 * @param dockerfile relative to that folder; an ignore file of its own wins over .dockerignore
 * @throws Error where something can't be read, or can't be in an image (a socket, a device), and for invalid patterns
 */
export function contextFiles(context: string, dockerfile: string): ContextFile[] {
  const ignore = ignoreFile(context, dockerfile);
  const files: ContextFile[] = [];
  const walk = (folder: string, above?: Verdict) => {
    for (const entry of entriesOf(join(context, folder), above)) {
      if (entry.name === ownFolder) continue;
      const path = folder ? `${folder}/${entry.name}` : entry.name;
      const full = join(context, path);
      const verdict = ignore.judge(path, above);
      if (!entry.isDirectory()) {
        if (!verdict.ignored) files.push({ path, ...readable(full, () => read(full)) });
      } else if (!verdict.ignored || ignore.reaches(path)) {
        const before = files.length;
        walk(path, verdict);
        if (!verdict.ignored && files.length === before) files.push({ path, kind: "folder", holds: "" });
      }
    }
  };
  walk("");
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** `Dockerfile.dockerignore` wins over `.dockerignore`: https://docs.docker.com/build/concepts/context/#filename-and-location */
function ignoreFile(context: string, dockerfile: string): Dockerignore {
  const found = [`${dockerfile}.dockerignore`, ".dockerignore"]
    .map((name) => join(context, name))
    .find((path) => existsSync(path));
  const text = found ? readable(found, () => readFileSync(found, "utf8")) : "";
  return new Dockerignore(text, found);
}

function entriesOf(folder: string, verdict?: Verdict): Dirent[] {
  try {
    return readable(folder, () => readdirSync(folder, { withFileTypes: true }));
  } catch (error) {
    // It was only entered because something in it might have been taken back.
    if (verdict?.ignored) return [];
    throw error;
  }
}

function read(path: string): Pick<ContextFile, "kind" | "holds"> {
  const status = lstatSync(path);
  if (status.isSymbolicLink()) return { kind: "link", holds: readlinkSync(path) };
  if (!status.isFile()) throw new UserError(`${path} is neither a file, a folder nor a link; name it in .dockerignore`);
  return { kind: status.mode & 0o100 ? "executable" : "file", holds: sha256(readFileSync(path)) };
}

/** Reads what was listed; where that fails, says why and what to do. */
export function readable<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const reason = obstacles[(error as NodeJS.ErrnoException).code ?? ""];
    throw reason ? new UserError(`${path} ${reason}`) : error;
  }
}

const obstacles: Record<string, string> = {
  EACCES: "may not be read by this user; change its permissions, or name it in .dockerignore",
  ENOENT: "is gone since its folder was listed, or its name is not UTF-8; run it again, or rename it",
};

/** In hexadecimal. */
export const sha256 = (data: string | Buffer): string => hash("sha256", data);

/** What tells values from one another: 32 hexadecimal digits, equal for equal JSON. */
export const keyOf = (value: unknown): string => sha256(JSON.stringify(value)).slice(0, 32);
