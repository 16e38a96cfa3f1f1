import { type Dirent, existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { UserError } from "../settings/user-error.ts";
import { Dockerignore, type Verdict } from "./dockerignore.ts";
import { fileSha256, sha256 } from "./file-content.ts";

/** A file or symbolic link of the build context, or an empty folder. */
export interface ContextFile {
  /** Relative to the context, with forward slashes. */
  path: string;
  kind: "file" | "executable" | "link" | "folder";
  /** A file's SHA-256 or a link's target; empty for a folder. */
  content: string;
}

/** Files that a folder sends to a build. */
export interface ContextListing {
  /** Sorted by path. */
  readonly files: ContextFile[];
  /** Paths of git's own data that is left out although no pattern excludes it. */
  readonly leftOut: string[];
}

/** Folder for staged builds. Inside a context, it would change the key of the next build. */
const stagingFolder = ".slipway";

/** Git's own data, a folder or, in a worktree or submodule, a file: different in each clone of the same commit. */
const gitData = ".git";

/**
 * Lists what a folder sends to a build: all that its .dockerignore does not exclude, without `.git` unless an exception
 * such as `!.git` names it. A file that is deleted meanwhile counts as deleted before.
 *
 * @param dockerfile relative to that folder
 * @throws UserError if something can't be read, can't be in an image (a socket, a device), or a pattern is invalid
 */
export function listContext(context: string, dockerfile: string): ContextListing {
  const ignore = ignoreFile(context, dockerfile);
  const files: ContextFile[] = [];
  const leftOut: string[] = [];
  const walk = (folder: string, parent?: Verdict) => {
    for (const entry of entriesOf(join(context, folder), parent)) {
      if (entry.name === stagingFolder) continue;
      const path = folder ? `${folder}/${entry.name}` : entry.name;
      const verdict = ignore.judge(path, parent);
      if (entry.name === gitData && !ignore.names(path)) {
        if (!verdict.ignored) leftOut.push(path);
        continue;
      }
      unlessGone(join(context, path), (full) => {
        if (!entry.isDirectory()) {
          if (!verdict.ignored) files.push({ path, ...read(full) });
        } else if (!verdict.ignored || ignore.mayInclude(path)) {
          const before = files.length;
          walk(path, verdict);
          const isEmpty = files.length === before && existsSync(full);
          if (!verdict.ignored && isEmpty) files.push({ path, kind: "folder", content: "" });
        }
      });
    }
  };
  explainingErrors(context, () => walk(""));
  return { files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), leftOut: leftOut.sort() };
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
    return readdirSync(folder, { withFileTypes: true });
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
  return { kind: status.mode & 0o100 ? "executable" : "file", content: fileSha256(path, status.size) };
}

/** Reads a file or folder that its folder has listed; does nothing if it was deleted since. @throws UserError */
function unlessGone(path: string, read: (path: string) => void): void {
  explainingErrors(path, () => {
    try {
      read(path);
    } catch (error) {
      if (!isMissing(error) || isListed(path)) throw error;
    }
  });
}

/** Whether a folder lists a path that can't be opened: its name is not UTF-8, or it was created again. */
function isListed(path: string): boolean {
  try {
    return readdirSync(dirname(path)).includes(basename(path));
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === "ENOENT";

/** Reads or copies a file or folder. @throws UserError with the reason and a remedy if that fails */
export function explainingErrors<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof UserError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new UserError(`${path} ${reasons[code] ?? `can't be read: ${message}`}`);
  }
}

const reasons: Record<string, string> = {
  EACCES: "may not be read by this user; change its permissions, or name it in .dockerignore",
  ENOENT: "is gone since its folder was listed, or its name is not UTF-8; run it again, or rename it",
  EISDIR: "is a folder, where a file is expected",
  ENOTDIR: "was a folder when it was listed, and is none now; run it again",
  ENOSPC: "does not fit on the disk of the folder .slipway, where builds are staged; free some space",
};

/** Hash of a JSON value: 32 hexadecimal digits, equal for equal JSON. */
export const keyOf = (value: unknown): string => sha256(JSON.stringify(value)).slice(0, 32);
