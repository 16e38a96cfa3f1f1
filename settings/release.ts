import { z } from "zod";
import { buildArguments, buildSecretsByName, conflicts, flag, group, list, text, trimmed } from "./building-blocks.ts";
import { imageRepository } from "./names.ts";

const relativePathError = "a file or a folder inside slipway:release.build.context, as in migrations";
const relativePath = text(relativePathError, /^(?!\.{1,2}(\/|$))[^/\s](.*[^/\s])?$/s, "migrations");

const build = group({
  context: text("the path of a folder", trimmed, "app").describe(
    "Folder of the source, relative to Pulumi.yaml. Everything that .dockerignore does not exclude is sent, without .git, unless a line such as !.git names it.",
  ),
  dockerfile: text("the path of a Dockerfile", trimmed, "Dockerfile")
    .default("Dockerfile")
    .describe("Dockerfile, relative to that folder."),
  target: text("the name of a build stage", trimmed, "runtime")
    .optional()
    .describe("Build stage to stop at. Default: the last."),
  args: buildArguments({ PYTHON: "3.13" })
    .default({})
    .describe("Build arguments. They are readable in the image: secrets belong in slipway:buildSecrets."),
  platforms: list(
    "os/architecture, as in [linux/amd64]",
    text("os/architecture, as in linux/arm64", /^[a-z0-9]+\/[a-z0-9]+(\/[a-z0-9]+)?$/, "linux/amd64"),
  )
    .min(1, { error: "at least one platform, as in [linux/amd64]" })
    .default(["linux/amd64"])
    .describe("Platforms to build for."),
  keepTimes: flag().describe(
    "Keep the timestamps that the Dockerfile sets; it must normalise them itself, so that the same source is the same image. By default the builder does, and compresses all layers over the base image again with every build.",
  ),
  migrations: list(`paths: each ${relativePathError}`, relativePath)
    .min(1, { error: "at least one path, as in [migrations]" })
    .optional()
    .describe(
      "All files and folders of the migrations. slipway:web.migrate then runs only when they changed. Default: it runs before each new image.",
    ),
  builder: text("the name of a buildx builder", trimmed, "default")
    .optional()
    .describe("Buildx builder. Default: the selected one."),
}).describe("Build from source. Required unless slipway:release.promoteFrom is set.");

/** The image: built from source, or a verified release. */
export const release = group({
  repository: imageRepository("registry.example.com/team/app").describe("Repository of the image."),
  name: text("vN.N, as in v1.17", /^v(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})$/, "v1.17")
    .optional()
    .describe(
      "Name of the release. A stack that builds pushes the image under this name too, and records it as verified once healthy; a stack that promotes runs it. Default: no name.",
    ),
  source: z
    .url({ protocol: /^https$/, error: "an https:// address, as in https://example.com/team/app" })
    .meta({ examples: ["https://example.com/team/app"] })
    .optional()
    .describe("Address of the source code, shown on the image and the Deployment. Default: not shown."),
  build: build.optional(),
  promoteFrom: text(
    "the name of another stack, as in test, or organization/project/stack",
    /^[\w.-]+(\/[\w.-]+\/[\w.-]+)?$/,
    "test",
  )
    .optional()
    .describe("Stack that must have verified the release. Required unless slipway:release.build is set."),
  breakGlass: text(
    "a sentence of 20 to 200 characters that says why",
    /^[^\s].{18,198}[^\s]$/,
    "the fix for the outage of 3 May, tested by hand",
  )
    .optional()
    .describe(
      "Reason to run a release that was never verified there, in an emergency; shown in the outputs and on the Deployment. Default: only verified releases run.",
    ),
})
  .superRefine(({ build, promoteFrom, name, breakGlass }, ctx) => {
    const conflict = conflicts(ctx);
    if (build && promoteFrom)
      conflict("promoteFrom", "nothing, if slipway:release.build is set: a stack builds or promotes");
    if (!build && !promoteFrom)
      conflict("promoteFrom", "the name of another stack, as in test (or set slipway:release.build)");
    if (promoteFrom && !name) conflict("name", "vN.N, as in v1.17 (there is a slipway:release.promoteFrom)");
    if (breakGlass && !promoteFrom) conflict("breakGlass", "nothing, if there is no slipway:release.promoteFrom");
  })
  .transform(({ build, promoteFrom = "", breakGlass, ...release }) =>
    build
      ? { ...release, build, breakGlass: undefined }
      : { ...release, name: release.name ?? "", build: undefined, promoteFrom, breakGlass },
  )
  .describe("Image to run: built from source, or a release that another stack has verified.");

export const buildSecrets = buildSecretsByName("NPM_TOKEN").describe(
  "Secrets of the build, mounted by BuildKit and never part of the image; each stored encrypted.",
);
