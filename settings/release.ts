import { z } from "zod";
import { anything, group, path, problemsOf, text, variables } from "./building-blocks.ts";

/** What can be set of the image, and of where it comes from. */

const relativePathError = "a file or a folder inside slipway:release.build.context, as in migrations";
const relativePath = text(relativePathError, /^(?!\.{1,2}(\/|$))[^/\s](.*[^/\s])?$/s, "migrations");

const build = group({
  context: path("the path of a folder", "app").describe("Folder that goes into the image, relative to Pulumi.yaml."),
  dockerfile: path("the path of a Dockerfile", "Dockerfile")
    .default("Dockerfile")
    .describe("Dockerfile, inside that folder."),
  target: text("the name of a build stage", anything, "runtime")
    .optional()
    .describe("Build stage to stop at (default: the last)."),
  args: variables
    .default({})
    .describe("Build arguments. They stay readable in the image: secrets go to slipway:buildSecrets."),
  platforms: z
    .array(text("os/architecture, as in linux/arm64", /^[a-z0-9]+\/[a-z0-9]+(\/[a-z0-9]+)?$/, "linux/amd64"), {
      error: "a list of os/architecture, as in [linux/amd64]",
    })
    .min(1, { error: "at least one platform, as in [linux/amd64]" })
    .default(["linux/amd64"])
    .describe("Platforms to build for."),
  keepTimes: z
    .boolean({ error: "true or false" })
    .default(false)
    .meta({ examples: [true] })
    .describe(
      "Whether the files keep the times that the Dockerfile gives them, which then has to see to it by itself that the same source is the same image. Otherwise the builder sets all times, and for that compresses all layers over the base again with every build (default: false).",
    ),
  migrations: z
    .array(relativePath, { error: `a list of paths: each ${relativePathError}` })
    .min(1, { error: "at least one path, as in [migrations]" })
    .optional()
    .describe(
      "All files and folders inside the context that the migrations consist of. slipway:web.migrate then runs only where they differ from those it has run on (default: on each new image).",
    ),
  builder: text("the name of a buildx builder", anything, "default")
    .optional()
    .describe("Buildx builder (default: the selected one)."),
}).describe("How the image is built from source.");

export const release = group({
  repository: text(
    "REGISTRY/PATH without a tag, as in registry.example.com/team/app",
    /^[a-z0-9.-]+(:[0-9]+)?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)+$/,
    "registry.example.com/team/app",
  ).describe("Repository of the image."),
  name: text("vN.N, as in v1.17", /^v(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)$/, "v1.17")
    .optional()
    .describe(
      "Name of the release. A stack that builds pushes the image under this name too, and records it as verified once healthy (default: none); one that promotes runs it.",
    ),
  source: z
    .url({ protocol: /^https$/, error: "an https:// address, as in https://example.com/team/app" })
    .meta({ examples: ["https://example.com/team/app"] })
    .optional()
    .describe("Where the source is kept, for people: shown on the image and the Deployment (default: not shown)."),
  build: build.optional(),
  promoteFrom: text(
    "the name of another stack, as in test, or organization/project/stack",
    /^[\w.-]+(\/[\w.-]+\/[\w.-]+)?$/,
    "test",
  )
    .optional()
    .describe("Stack that has to have verified the release, instead of a build."),
  breakGlass: text("a sentence of 20 to 200 characters that says why", /^[^\s].{18,198}[^\s]$/)
    .optional()
    .describe("Why a release may run here that was never verified there; shown in the outputs and on the Deployment."),
})
  .superRefine(({ build, promoteFrom, name, breakGlass }, ctx) => {
    const problem = problemsOf(ctx);
    if (build && promoteFrom)
      problem("promoteFrom", "nothing, where slipway:release.build is set: a stack builds or promotes");
    if (!build && !promoteFrom)
      problem("promoteFrom", "the name of another stack, as in test (or set slipway:release.build)");
    if (promoteFrom && !name) problem("name", "vN.N, as in v1.17 (there is a slipway:release.promoteFrom)");
    if (breakGlass && !promoteFrom) problem("breakGlass", "nothing, where there is no slipway:release.promoteFrom");
  })
  .transform(({ build, promoteFrom = "", breakGlass, ...release }) =>
    build
      ? { ...release, build, breakGlass: undefined }
      : { ...release, name: release.name ?? "", build: undefined, promoteFrom, breakGlass },
  )
  .describe("Which image runs here: built from source, or a release that another stack has verified.");
