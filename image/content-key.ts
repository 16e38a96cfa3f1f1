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
import { type ContextFile, contextFiles, keyOf, readable, sha256 } from "./build-context.ts";

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
  /**
   * Whether the files keep the times that the Dockerfile gives them, which then has to see to it by itself that the same source is the
   * same image. Default: the builder sets all times, and for that compresses all layers over the base again with every build.
   */
  keepTimes?: boolean;
  /** Which files and folders of the context are the database's migrations. Default: it is not known. */
  migrations?: string[];
}

/** A build context as it is on disk: its key, and what it consists of. */
export interface Content extends Required<Omit<ContentArgs, "target" | "migrations">> {
  target?: string;
  /** 32 hexadecimal digits; equal on every machine for equal content. */
  key: string;
  /** The same of the migrations alone, where it is known which files they are. */
  migrations?: string;
  /** Bytes of the Dockerfile. */
  recipe: Buffer;
  files: ContextFile[];
}

/**
 * Reads a build context and computes its content key: a SHA-256 over the paths, bytes and executable bits of what
 * .dockerignore lets through, the Dockerfile, target, build arguments, platforms, labels, and whether times are kept.
 * Owner, umask, times, file order and the place of the checkout make no difference. A folder counts where nothing in it
 * does: builds see it too.
 *
 * @throws Error where the context or the Dockerfile is missing or can't be read, .dockerignore says what BuildKit
 *   refuses, or the context holds what an image can't (a socket, a device)
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
  const recipe = readRecipe(context, dockerfile);
  const files = contextFiles(context, dockerfile);
  const content = {
    format: 1,
    dockerfile: sha256(recipe),
    target: target ?? null,
    args: Object.entries(args).sort(byName),
    platforms: [...platforms].sort(),
    labels: Object.entries(labels).sort(byName),
    ...(keepTimes && { keepTimes }),
    entries: files.map(entry),
  };
  const key = keyOf(content);
  const part = migrations && keyOf(migrations.flatMap((path, place) => within(files, path, place, context)).map(entry));
  return { context, dockerfile, target, args, platforms, labels, keepTimes, files, recipe, key, migrations: part };
}

const entry = ({ path, kind, holds }: ContextFile) => [path, kind, holds];

/** The file of that path, or all that is in the folder of that path. */
function within(files: ContextFile[], path: string, place: number, context: string): ContextFile[] {
  const found = files.filter((file) => file.path === path || file.path.startsWith(`${path}/`));
  if (found.length > 0) return found;
  throw new UserError(
    `slipway:release.build.migrations has ${path}, but nothing of that name goes into the image; ` +
      `name files and folders in the context ${context}, which .dockerignore lets through`,
    { [`migrations[${place}]`]: "migrations" },
  );
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
    removeAbandoned(folder);
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

/** Removes what killed programs left behind; an hour is longer than any copy takes. */
function removeAbandoned(folder: string): void {
  for (const name of readdirSync(folder).filter((entry) => entry.startsWith("unfinished-"))) {
    const status = statSync(join(folder, name), { throwIfNoEntry: false });
    if (status && Date.now() - status.mtimeMs > 3_600_000) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

function copy(content: Content, folder: string): void {
  mkdirSync(join(folder, "context"));
  for (const { path, kind, holds } of content.files) {
    const to = join(folder, "context", path);
    mkdirSync(kind === "folder" ? to : dirname(to), { recursive: true });
    if (kind === "link") symlinkSync(holds, to);
    if (kind === "link" || kind === "folder") continue;
    const bytes = readFileSync(join(content.context, path));
    if (sha256(bytes) !== holds) {
      throw new UserError(`${join(content.context, path)} was changed while the build was prepared; run it again`);
    }
    writeFileSync(to, bytes, { mode: kind === "executable" ? 0o755 : 0o644 });
  }
  writeFileSync(join(folder, "Dockerfile"), content.recipe, { mode: 0o644 });
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

function readRecipe(context: string, dockerfile: string): Buffer {
  const recipe = join(context, dockerfile);
  const named = `slipway:release.build.dockerfile is ${dockerfile}`;
  if (isAbsolute(dockerfile) || relative(context, recipe).split("/")[0] === "..") {
    throw new UserError(
      `${named}, which is outside the context ${context}; name a file inside it, as in docker/Dockerfile`,
      { dockerfile: "Dockerfile" },
    );
  }
  const status = statSync(recipe, { throwIfNoEntry: false });
  const wrong = (what: string) =>
    new UserError(`${recipe} ${what}; ${named}, in the context ${context}`, {
      context: "app",
      dockerfile: "Dockerfile",
    });
  if (!status) throw wrong("does not exist");
  if (!status.isFile()) throw wrong("is not a file");
  return readable(recipe, () => readFileSync(recipe));
}

const byName = ([a]: [string, unknown], [b]: [string, unknown]) => (a < b ? -1 : 1);
