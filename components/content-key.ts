import { hash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import dockerignore from "@balena/dockerignore";

/** What decides the bytes of an image, besides the files of the build context. */
export interface ContentArgs {
  /** Folder that is sent to the build. */
  context: string;
  /** Path of the Dockerfile inside the context. Default `Dockerfile`. */
  dockerfile?: string;
  /** Build stage to stop at. Default: the last. */
  target?: string;
  /** Build arguments; readable in the image. */
  args?: Record<string, string>;
  /** Platforms. Default linux/amd64. */
  platforms?: string[];
  /** OCI labels of the image, such as `org.opencontainers.image.title`. Default: none. */
  labels?: Record<string, string>;
}

/** A build context as it is on disk: its key, and what it consists of. */
export interface Content extends Required<Omit<ContentArgs, "target">> {
  target?: string;
  /** 32 hexadecimal digits; equal on every machine for equal content. */
  key: string;
  files: ContextFile[];
}

/** A file or symbolic link of the build context. */
interface ContextFile {
  /** Relative to the context, with forward slashes. */
  path: string;
  kind: "file" | "executable" | "link";
}

/**
 * Reads a build context and computes its content key: a SHA-256 over the paths, bytes and executable bits of what
 * .dockerignore lets through, the Dockerfile, target, build arguments, platforms and labels. Owner, umask, times, file
 * order and the place of the checkout make no difference.
 *
 * @throws Error where the context or the Dockerfile is missing, or holds what an image can't (a socket, a device)
 */
export function readContent({
  context,
  dockerfile = "Dockerfile",
  target,
  args = {},
  platforms = ["linux/amd64"],
  labels = {},
}: ContentArgs): Content {
  const recipe = join(context, dockerfile);
  if (!existsSync(recipe)) {
    throw new Error(`${recipe} does not exist; slipway:release.build names it as the Dockerfile`);
  }
  const files = contextFiles(context, ignorePatterns(context, dockerfile));
  const entries = files.map(({ path, kind }) => {
    const full = join(context, path);
    return [path, kind, kind === "link" ? readlinkSync(full) : sha256(readFileSync(full))];
  });
  const content = {
    format: 1,
    dockerfile: sha256(readFileSync(recipe)),
    target: target ?? null,
    args: Object.entries(args).sort(byName),
    platforms: [...platforms].sort(),
    labels: Object.entries(labels).sort(byName),
    entries,
  };
  const key = sha256(JSON.stringify(content)).slice(0, 32);
  return { context, dockerfile, target, args, platforms, labels, files, key };
}

/**
 * Copies a build context to `FOLDER/KEY`, with the same modes whatever the checkout's, so that the build sees nothing
 * that the key does not cover. A copy that is there already is used as it is.
 *
 * @returns the folder to build from and the Dockerfile, which lies outside it
 */
export function stageContent(content: Content, folder: string): { context: string; dockerfile: string } {
  const staged = join(folder, content.key);
  if (!existsSync(staged)) {
    mkdirSync(folder, { recursive: true });
    const unfinished = mkdtempSync(join(folder, "unfinished-"));
    const umask = process.umask(0o022); // the modes of folders end up in the image as well
    try {
      copy(content, unfinished);
    } finally {
      process.umask(umask);
    }
    publish(unfinished, staged);
  }
  return { context: join(staged, "context"), dockerfile: join(staged, "Dockerfile") };
}

function copy(content: Content, folder: string): void {
  mkdirSync(join(folder, "context"));
  for (const { path, kind } of content.files) {
    const from = join(content.context, path);
    const to = join(folder, "context", path);
    mkdirSync(dirname(to), { recursive: true });
    if (kind === "link") {
      symlinkSync(readlinkSync(from), to);
    } else {
      copyFileSync(from, to);
      chmodSync(to, kind === "executable" ? 0o755 : 0o644);
    }
  }
  copyFileSync(join(content.context, content.dockerfile), join(folder, "Dockerfile"));
  chmodSync(join(folder, "Dockerfile"), 0o644);
  // Beside the Dockerfile it wins over a .dockerignore in the context, whose patterns are applied already.
  writeFileSync(join(folder, "Dockerfile.dockerignore"), "", { mode: 0o644 });
}

/** Renames a finished copy into place; another program may have been first, with the same content. */
function publish(unfinished: string, staged: string): void {
  try {
    renameSync(unfinished, staged);
  } catch (error) {
    rmSync(unfinished, { recursive: true });
    if (!existsSync(staged)) throw error;
  }
}

/** `Dockerfile.dockerignore` wins over `.dockerignore`: https://docs.docker.com/build/concepts/context/#filename-and-location */
function ignorePatterns(context: string, dockerfile: string): string {
  const found = [`${dockerfile}.dockerignore`, ".dockerignore"]
    .map((name) => join(context, name))
    .find((path) => existsSync(path));
  return found ? readFileSync(found, "utf8") : "";
}

function contextFiles(context: string, patterns: string): ContextFile[] {
  const ignore = dockerignore({ ignorecase: false }).add(patterns);
  // A folder that is ignored can be skipped whole only where no pattern takes a part of it back.
  const exceptions = /^\s*!/m.test(patterns);
  const files: ContextFile[] = [];
  const walk = (folder: string) => {
    for (const entry of readdirSync(join(context, folder), { withFileTypes: true })) {
      const path = folder ? `${folder}/${entry.name}` : entry.name;
      const ignored = ignore.ignores(path);
      if (entry.isDirectory()) {
        if (!ignored || exceptions) walk(path);
      } else if (!ignored) {
        files.push({ path, kind: kindOf(join(context, path)) });
      }
    }
  };
  walk("");
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function kindOf(path: string): ContextFile["kind"] {
  const status = lstatSync(path);
  if (status.isSymbolicLink()) return "link";
  if (!status.isFile()) throw new Error(`${path} is neither a file, a folder nor a link; name it in .dockerignore`);
  return status.mode & 0o100 ? "executable" : "file";
}

const sha256 = (data: string | Buffer): string => hash("sha256", data);
const byName = ([a]: [string, unknown], [b]: [string, unknown]) => (a < b ? -1 : 1);
