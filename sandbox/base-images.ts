import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { runLogged } from "./command.ts";
import { staticBusybox } from "./debian-packages.ts";
import { cluster, paths } from "./paths.ts";
import { say } from "./progress.ts";
import { digestOf, officialImagesReachable } from "./registry.ts";
import { authorities, makeBusybox, makeDebian } from "./root-filesystems.ts";

/** An image that is made here under the name of an official one, or for the cluster's own use. */
export interface BaseImage {
  readonly repository: string;
  readonly tag: string;
  /** Folder under sandbox/images with the Dockerfile. */
  readonly folder: string;
  /** Folder of the image that this one is built from. */
  readonly from?: string;
  /** What the Dockerfile cannot make itself: writes rootfs.tar into the build context. */
  readonly prepare?: (context: string, workspace: string) => Promise<void>;
  /** Files of this machine that become part of the image. */
  readonly ingredients?: readonly string[];
  /** Whether the cluster itself needs it, wherever else images can be had. */
  readonly always?: boolean;
}

const images: readonly BaseImage[] = [
  {
    repository: "library/busybox",
    tag: "1",
    folder: "busybox",
    prepare: makeBusybox,
    // Known only once Debian's packages are there.
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
];

const recipes = join(import.meta.dirname, "images");

/** After 1980: archives in the ZIP format, Python's wheels among them, know no earlier time. */
const sourceDateEpoch = Date.UTC(1980, 0, 2) / 1000;

/**
 * Giving every layer the same times means compressing it again. That takes gzip five times as long as zstd at its fastest: for
 * PostgreSQL's layer, three quarters of a minute.
 */
const exported = "rewrite-timestamp=true,compression=zstd,compression-level=1";

/** Makes those base images that the registry does not have yet from the present recipe. @throws UserError */
export async function ensureBaseImages(): Promise<void> {
  const official = await officialImagesReachable();
  if (official) say("base images: pulled under their official names");
  const wanted = images.filter((image) => image.always || !official);
  const made = new Map<string, Promise<void>>();
  const ensure = (image: BaseImage): Promise<void> => {
    const begun = made.get(image.folder);
    if (begun) return begun;
    const origin = wanted.find((each) => each.folder === image.from);
    const making = (origin ? ensure(origin) : Promise.resolve()).then(() => ensureImage(image));
    made.set(image.folder, making);
    return making;
  };
  await Promise.all(wanted.map(ensure));
}

/** Hash over everything that decides what is in an image, short enough for a tag. */
export function recipeOf(image: BaseImage, all: readonly BaseImage[] = images, folder: string = recipes): string {
  const hash = createHash("sha256").update(process.arch).update(exported);
  const origin = all.find((each) => each.folder === image.from);
  if (origin) hash.update(recipeOf(origin, all, folder));
  for (const file of readdirSync(join(folder, image.folder)).sort()) {
    hash.update(file).update(readFileSync(join(folder, image.folder, file)));
  }
  for (const file of image.ingredients ?? []) hash.update(readFileSync(file));
  // The steps that the Dockerfile cannot show are part of the recipe too.
  if (image.prepare) hash.update(readFileSync(join(import.meta.dirname, "root-filesystems.ts")));
  return hash.digest("hex").slice(0, 16);
}

/** Makes one image, unless the registry has it from the present recipe. @throws UserError */
export async function ensureImage(image: BaseImage): Promise<void> {
  const recipeTag = `recipe-${recipeOf(image)}`;
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
    // On a busy machine buildctl also fails after the push, when it cannot hand over its own traces within a moment.
    if (!(await isPushed(image, recipeTag))) throw failure;
  });
  rmSync(context, { recursive: true });
  say(`${image.repository}:${image.tag}: made (${((performance.now() - began) / 1000).toFixed(0)} s)`);
}

async function isPushed(image: BaseImage, recipeTag: string): Promise<boolean> {
  const made = await digestOf(image.repository, recipeTag);
  return made !== undefined && made === (await digestOf(image.repository, image.tag));
}
