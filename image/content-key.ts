import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, isAbsolute, join, relative } from "node:path";
import { UserError } from "../settings/user-error.ts";
import { type ContextFile, explainingErrors, keyOf, listContext } from "./build-context.ts";
import { copyFile, sha256 } from "./file-content.ts";

/** Inputs of a build, besides the files of the build context. */
export interface ContentArgs {
  /** Folder with the build context. */
  context: string;
  /** Path of the Dockerfile inside the context. @default Dockerfile */
  dockerfile?: string;
  /** Build stage to stop at. @default the last */
  target?: string;
  /** Build arguments; readable in the image. @default none */
  args?: Record<string, string>;
  /** @default linux/amd64 */
  platforms?: string[];
  /** OCI labels, such as `org.opencontainers.image.title`. @default none */
  labels?: Record<string, string>;
  /**
   * Whether the files keep their timestamps; the Dockerfile then has to normalise them, so that the same source gives the same image.
   *
   * @default false: the builder sets all timestamps, and compresses all layers above the base again with every build
   */
  keepTimes?: boolean;
  /** Files and folders of the context that are the database's migrations. @default unknown */
  migrations?: string[];
}

/** A build context as it is on disk: its key and its files. */
export interface Content extends Required<Omit<ContentArgs, "target" | "migrations">> {
  target?: string;
  /** 32 hexadecimal digits; equal on every machine for equal content. */
  key: string;
  /** Key of only the migrations, if their files are known. */
  migrations?: string;
  dockerfileBytes: Buffer;
  files: ContextFile[];
  /** Paths of git's own data that is left out although no pattern of .dockerignore excludes it. */
  leftOut: string[];
}

/**
 * Reads a build context and computes its content key: a SHA-256 over the paths, bytes and executable bits of all files
 * that .dockerignore does not exclude, the Dockerfile, target, build arguments, platforms, labels and `keepTimes`; `.git`
 * only counts if .dockerignore names it with `!.git`.
 * Owner, umask, timestamps, file order and the checkout's path make no difference. Empty folders count, because builds
 * see them.
 *
 * @throws UserError if the context or the Dockerfile is missing or can't be read, BuildKit would refuse .dockerignore,
 *   or the context contains what an image can't (a socket, a device)
 */
export function readContent({
  context,
  dockerfile = "Dockerfile",
  target,
  args = {},
  platforms = ["linux/amd64"],
  labels = {},
  keepTimes = false,
  migrations,
}: ContentArgs): Content {
  const dockerfileBytes = readDockerfile(context, dockerfile);
  const { files, leftOut } = listContext(context, dockerfile);
  const key = keyOf({
    format: 1,
    dockerfile: sha256(dockerfileBytes),
    target: target ?? null,
    args: Object.entries(args).sort(byName),
    platforms: [...platforms].sort(),
    labels: Object.entries(labels).sort(byName),
    ...(keepTimes && { keepTimes }),
    entries: files.map(entry),
  });
  return {
    context,
    dockerfile,
    target,
    args,
    platforms,
    labels,
    keepTimes,
    files,
    leftOut,
    dockerfileBytes,
    key,
    migrations:
      migrations && keyOf(migrations.flatMap((path, index) => filesAt(files, path, index, context)).map(entry)),
  };
}

const entry = ({ path, kind, content }: ContextFile) => [path, kind, content];

/** The file at a path, or all files in the folder at that path. */
function filesAt(files: ContextFile[], path: string, index: number, context: string): ContextFile[] {
  const matches = files.filter((file) => file.path === path || file.path.startsWith(`${path}/`));
  if (matches.length > 0) return matches;
  throw new UserError(
    `slipway:release.build.migrations has ${path}, but nothing of that name goes into the image; ` +
      `name files and folders in the context ${context}, which .dockerignore lets through`,
    { [`migrations[${index}]`]: "migrations" },
  );
}

/**
 * Copies a build context to `FOLDER/KEY`, with fixed file modes, so that the build sees nothing that the key does not
 * cover. Uses an existing copy as it is.
 *
 * @returns the folder to build from, and the Dockerfile outside it
 * @throws UserError if a file was changed since the key was computed, can't be read, or does not fit on the disk
 */
export function stageContent(content: Content, folder: string): { context: string; dockerfile: string } {
  const staged = join(folder, content.key);
  if (!existsSync(staged)) {
    mkdirSync(folder, { recursive: true });
    removeAbandoned(folder);
    const unfinished = mkdtempSync(join(folder, "unfinished-"));
    const umask = process.umask(0o022); // the image contains the modes of folders too
    try {
      copy(content, unfinished);
    } catch (error) {
      rmSync(unfinished, { recursive: true, force: true });
      throw error;
    } finally {
      process.umask(umask);
    }
    publish(unfinished, staged);
  }
  return { context: join(staged, "context"), dockerfile: join(staged, "Dockerfile") };
}

/** Removes unfinished copies of killed programs; an hour is longer than any copy takes. */
function removeAbandoned(folder: string): void {
  for (const name of readdirSync(folder).filter((entry) => entry.startsWith("unfinished-"))) {
    const status = statSync(join(folder, name), { throwIfNoEntry: false });
    if (status && Date.now() - status.mtimeMs > 3_600_000) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

function copy(content: Content, folder: string): void {
  mkdirSync(join(folder, "context"));
  for (const { path, kind, content: expected } of content.files) {
    const to = join(folder, "context", path);
    mkdirSync(kind === "folder" ? to : dirname(to), { recursive: true });
    if (kind === "link") symlinkSync(expected, to);
    if (kind === "link" || kind === "folder") continue;
    const from = join(content.context, path);
    const copied = explainingErrors(from, () => copyFile(from, to, kind === "executable" ? 0o755 : 0o644));
    if (copied !== expected) {
      throw new UserError(`${from} was changed while the build was prepared; run it again`);
    }
  }
  writeFileSync(join(folder, "Dockerfile"), content.dockerfileBytes, { mode: 0o644 });
  // Overrides a .dockerignore in the context, whose patterns must not be applied again.
  writeFileSync(join(folder, "Dockerfile.dockerignore"), "", { mode: 0o644 });
}

/** Renames a finished copy to its final name; another program may have made the same copy meanwhile. */
function publish(unfinished: string, staged: string): void {
  try {
    renameSync(unfinished, staged);
  } catch (error) {
    rmSync(unfinished, { recursive: true });
    if (!existsSync(staged)) throw error;
  }
}

function readDockerfile(context: string, dockerfile: string): Buffer {
  const path = join(context, dockerfile);
  const named = `slipway:release.build.dockerfile is ${dockerfile}`;
  if (isAbsolute(dockerfile) || relative(context, path).split("/")[0] === "..") {
    throw new UserError(
      `${named}, which is outside the context ${context}; name a file inside it, as in docker/Dockerfile`,
      { dockerfile: "Dockerfile" },
    );
  }
  const status = explainingErrors(path, () => statSync(path, { throwIfNoEntry: false }));
  const problem = (what: string) =>
    new UserError(`${path} ${what}; ${named}, in the context ${context}`, {
      context: "app",
      dockerfile: "Dockerfile",
    });
  if (!status) throw problem("does not exist");
  if (!status.isFile()) throw problem("is not a file");
  return explainingErrors(path, () => readFileSync(path));
}

const byName = ([a]: [string, unknown], [b]: [string, unknown]) => (a < b ? -1 : 1);
