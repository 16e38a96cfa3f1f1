import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ImageRepository } from "../registry/repository.ts";
import { runLogged } from "./command.ts";
import { staticBusybox } from "./debian-packages.ts";
import { cluster, paths } from "./paths.ts";
import { say } from "./progress.ts";
import { authorities, makeBusybox, makeDebian } from "./root-filesystems.ts";

/** Image that the sandbox builds: under the name of an official one, or for the cluster itself. */
export interface BaseImage {
  readonly repository: string;
  readonly tag: string;
  /** Folder of the Dockerfile under sandbox/images. */
  readonly folder: string;
  /** Folder of the image that this one builds on. */
  readonly from?: string;
  /** Writes files that the Dockerfile cannot make, such as rootfs.tar, into the build context. */
  readonly prepare?: (context: string, workspace: string) => Promise<void>;
  /** Files of this machine that the image contains. */
  readonly ingredients?: readonly string[];
  /** True if the cluster needs it even when official images are reachable. */
  readonly always?: boolean;
  /** True if only stacks need it that have it as an accessory. */
  readonly onDemand?: boolean;
}

const images: readonly BaseImage[] = [
  {
    repository: "library/busybox",
    tag: "1",
    folder: "busybox",
    prepare: makeBusybox,
    // A getter, because Debian's packages may not be installed yet.
    get ingredients() {
      return [staticBusybox()];
    },
    always: true,
  },
  { repository: "slipway/pause", tag: "1", folder: "pause", from: "busybox", always: true },
  {
    repository: "library/debian",
    tag: "trixie-slim",
    folder: "debian",
    prepare: makeDebian,
    ingredients: [authorities],
  },
  { repository: "library/python", tag: "3.13-slim", folder: "python", from: "debian" },
  { repository: "library/postgres", tag: "17", folder: "postgres", from: "debian" },
  { repository: "valkey/valkey", tag: "8.1", folder: "valkey", from: "debian", onDemand: true },
];

const recipes = join(import.meta.dirname, "images");

/** Timestamp of all files, in seconds. ZIP archives, such as Python's wheels, allow none before 1980. */
const sourceDateEpoch = Date.UTC(1980, 0, 2) / 1000;

/** Rewriting timestamps means compressing every layer again, for which gzip takes five times as long as the fastest zstd. */
const exported = "rewrite-timestamp=true,compression=zstd,compression-level=1";

/** Settings of a stack, as in its file. */
// biome-ignore lint/suspicious/noExplicitAny: unchecked settings; the program checks them
type Config = Record<string, any>;

/** Names of the images that accessories of a stack with these settings run. */
const accessoryImages = (config: Config): readonly string[] =>
  Object.values<Config>(config["slipway:accessories"] ?? {}).map(({ image }) => image);

/**
 * Images to build.
 *
 * @param official whether official images can be pulled
 * @param configs settings of stacks
 */
export function neededImages(official: boolean, configs: readonly Config[]): readonly BaseImage[] {
  const asked = configs.flatMap(accessoryImages);
  const isAsked = ({ repository, tag, onDemand }: BaseImage) => !onDemand || asked.includes(`${repository}:${tag}`);
  return images.filter((image) => image.always || (!official && isAsked(image)));
}

/**
 * Builds the base images that the registry does not have from their present recipes.
 *
 * @param configs settings of stacks, for the images of their accessories
 * @throws UserError if a build fails
 */
export async function ensureBaseImages(configs: readonly Config[] = []): Promise<void> {
  const official = await officialImagesReachable();
  if (official) say("base images: pulled under their official names");
  const needed = neededImages(official, configs);
  const made = new Map<string, Promise<void>>();
  const ensure = (image: BaseImage): Promise<void> => {
    const running = made.get(image.folder);
    if (running) return running;
    const origin = needed.find((each) => each.folder === image.from);
    const making = (origin ? ensure(origin) : Promise.resolve()).then(() => ensureImage(image));
    made.set(image.folder, making);
    return making;
  };
  await Promise.all(needed.map(ensure));
}

/** Hash of everything that determines the contents of an image, short enough for a tag. */
export function imageRecipeHash(
  image: BaseImage,
  all: readonly BaseImage[] = images,
  folder: string = recipes,
): string {
  const hash = createHash("sha256").update(process.arch).update(exported);
  const origin = all.find((each) => each.folder === image.from);
  if (origin) hash.update(imageRecipeHash(origin, all, folder));
  for (const file of readdirSync(join(folder, image.folder)).sort()) {
    hash.update(file).update(readFileSync(join(folder, image.folder, file)));
  }
  for (const file of image.ingredients ?? []) hash.update(readFileSync(file));
  // The code of `prepare` is part of the recipe.
  if (image.prepare) hash.update(readFileSync(join(import.meta.dirname, "root-filesystems.ts")));
  return hash.digest("hex").slice(0, 16);
}

/** Builds one image, unless the registry has it from the present recipe. @throws UserError if the build fails */
export async function ensureImage(image: BaseImage): Promise<void> {
  const recipeTag = `recipe-${imageRecipeHash(image)}`;
  if (await isPushed(image, recipeTag)) return;
  const began = performance.now();
  const context = join(paths.build, "context", image.folder);
  rmSync(context, { recursive: true, force: true });
  mkdirSync(context, { recursive: true });
  cpSync(join(recipes, image.folder), context, { recursive: true });
  await image.prepare?.(context, paths.build);
  const name = `${cluster.registry}/${image.repository}`;
  const buildctl = [
    ...["buildctl", "--addr", `unix://${paths.buildkitSocket}`],
    ...["build", "--progress=plain", "--frontend=dockerfile.v0"],
    ...[`--local=context=${context}`, `--local=dockerfile=${context}`],
    ...[`--opt=build-arg:SOURCE_DATE_EPOCH=${sourceDateEpoch}`],
    `--output=type=image,"name=${name}:${image.tag},${name}:${recipeTag}",push=true,${exported}`,
  ];
  await runLogged(`image-${image.folder}`, buildctl).catch(async (failure) => {
    // On a busy machine buildctl may fail after the push, if it cannot export its own traces in time.
    if (!(await isPushed(image, recipeTag))) throw failure;
  });
  rmSync(context, { recursive: true });
  say(`${image.repository}:${image.tag}: made (${((performance.now() - began) / 1000).toFixed(0)} s)`);
}

/** Tells if both tags of an image point to the same digest. @throws Error if the registry is down */
async function isPushed({ repository, tag }: BaseImage, recipeTag: string): Promise<boolean> {
  const registry = new ImageRepository(`${cluster.registry}/${repository}`);
  const [built, current] = [await registry.manifest(recipeTag), await registry.manifest(tag)];
  return built !== undefined && built.digest === current?.digest;
}

/** Tells if Docker Hub answers within three seconds. */
async function officialImagesReachable(): Promise<boolean> {
  try {
    const response = await fetch("https://registry-1.docker.io/v2/", { signal: AbortSignal.timeout(3000) });
    await response.body?.cancel();
    // 401 is the usual answer without a login.
    return response.status === 401 || response.ok;
  } catch {
    return false;
  }
}
