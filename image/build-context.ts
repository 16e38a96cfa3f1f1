import { hash } from "node:crypto";
import { type Dirent, existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../settings/user-error.ts";
import { Dockerignore, type Verdict } from "./dockerignore.ts";

/** A file or symbolic link of the build context, or an empty folder. */
export interface ContextFile {
  /** Relative to the context, with forward slashes. */
  path: string;
  kind: "file" | "executable" | "link" | "folder";
  /** A file's SHA-256 or a link's target; empty for a folder. */
  content: string;
}

/** Folder for staged builds. Inside a context, it would change the key of the next build. */
const stagingFolder = ".slipway";

/**
 * Lists what a folder sends to a build: all that its .dockerignore does not exclude, sorted by path.
 *
 * @param dockerfile relative to that folder
 * @throws UserError if something can't be read, can't be in an image (a socket, a device), or a pattern is invalid
 */
export function contextFiles(context: string, dockerfile: string): ContextFile[] {
  const ignore = ignoreFile(context, dockerfile);
  const files: ContextFile[] = [];
  const walk = (folder: string, parent?: Verdict) => {
    for (const entry of entriesOf(join(context, folder), parent)) {
      if (entry.name === stagingFolder) continue;
      const path = folder ? `${folder}/${entry.name}` : entry.name;
      const full = join(context, path);
      const verdict = ignore.judge(path, parent);
      if (!entry.isDirectory()) {
        if (!verdict.ignored) files.push({ path, ...explainingErrors(full, () => read(full)) });
      } else if (!verdict.ignored || ignore.mayInclude(path)) {
        const before = files.length;
        walk(path, verdict);
        if (!verdict.ignored && files.length === before) files.push({ path, kind: "folder", content: "" });
      }
    }
  };
  walk("");
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** `Dockerfile.dockerignore` wins over `.dockerignore`: https://docs.docker.com/build/concepts/context/#filename-and-location */
function ignoreFile(context: string, dockerfile: string): Dockerignore {
  const file = [`${dockerfile}.dockerignore`, ".dockerignore"]
    .map((name) => join(context, name))
    .find((path) => existsSync(path));
  const text = file ? explainingErrors(file, () => readFileSync(file, "utf8")) : "";
  return new Dockerignore(text, file);
}

function entriesOf(folder: string, verdict?: Verdict): Dirent[] {
  try {
    return explainingErrors(folder, () => readdirSync(folder, { withFileTypes: true }));
  } catch (error) {
    // An ignored folder is only entered because an exception might match inside.
    if (verdict?.ignored) return [];
    throw error;
  }
}

function read(path: string): Pick<ContextFile, "kind" | "content"> {
  const status = lstatSync(path);
  if (status.isSymbolicLink()) return { kind: "link", content: readlinkSync(path) };
  if (!status.isFile()) throw new UserError(`${path} is neither a file, a folder nor a link; name it in .dockerignore`);
  return { kind: status.mode & 0o100 ? "executable" : "file", content: sha256(readFileSync(path)) };
}

/** Reads a file or folder. @throws UserError with the reason and a remedy if that fails */
export function explainingErrors<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const reason = reasons[(error as NodeJS.ErrnoException).code ?? ""];
    throw reason ? new UserError(`${path} ${reason}`) : error;
  }
}

const reasons: Record<string, string> = {
  EACCES: "may not be read by this user; change its permissions, or name it in .dockerignore",
  ENOENT: "is gone since its folder was listed, or its name is not UTF-8; run it again, or rename it",
};

/** SHA-256 in hexadecimal. */
export const sha256 = (data: string | Buffer): string => hash("sha256", data);

/** Hash of a JSON value: 32 hexadecimal digits, equal for equal JSON. */
export const keyOf = (value: unknown): string => sha256(JSON.stringify(value)).slice(0, 32);
