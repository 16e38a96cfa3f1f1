import * as dockerBuild from "@pulumi/docker-build";
import * as pulumi from "@pulumi/pulumi";
import { readContent, stageContent } from "./content-key.ts";

export interface ReleaseArgs {
  /** Repository of the image, without a tag, as in `registry.example.com/team/app`. */
  readonly repository: string;
  readonly build: BuildArgs;
}

/** How an image is built from source. */
export interface BuildArgs {
  /** Folder that goes into the image, relative to Pulumi.yaml. */
  readonly context: string;
  /** Path of the Dockerfile inside it. Default `Dockerfile`. */
  readonly dockerfile?: string;
  /** Build stage to stop at. Default: the last. */
  readonly target?: string;
  /** Build arguments; readable in the image. */
  readonly args?: Record<string, string>;
  /** Platforms to build for. Default `linux/amd64`. */
  readonly platforms?: string[];
  /** Name of a buildx builder. Default: the selected one. */
  readonly builder?: string;
  /** Secrets that BuildKit mounts under `/run/secrets`; never part of the image. */
  readonly secrets?: Record<string, pulumi.Input<string>>;
}

/** Folder for staged build contexts; relative, since the build plugin compares it from one machine to the next. */
const staging = ".slipway/builds";

/**
 * An image, built from source and pushed as `REPOSITORY:KEY`, where the key stands for its content: equal source
 * is no change and no build, on any machine. The image is never deleted with the stack; retention is the registry's.
 */
export class Release extends pulumi.ComponentResource {
  /** The image by digest, `REPOSITORY@sha256:…`; unknown in a preview that would build it. */
  readonly image: pulumi.Output<string>;
  /** Content key, 32 hexadecimal digits. */
  readonly key: string;

  constructor(name: string, args: ReleaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:index:Release", name, {}, opts);
    const {
      context,
      dockerfile = "Dockerfile",
      target,
      args: buildArgs = {},
      platforms = ["linux/amd64"],
      builder,
      secrets,
    } = args.build;
    const content = readContent({ context, dockerfile, target, args: buildArgs, platforms });
    const staged = stageContent(content, staging);
    this.key = content.key;

    const built = new dockerBuild.Image(
      name,
      {
        tags: [`${args.repository}:${content.key}`],
        context: { location: staged.context },
        dockerfile: { location: staged.dockerfile },
        target,
        // Same source, same digest: https://reproducible-builds.org/specs/source-date-epoch/
        buildArgs: { ...buildArgs, SOURCE_DATE_EPOCH: "0" },
        exports: [{ raw: "type=registry,rewrite-timestamp=true" }],
        platforms: platforms as dockerBuild.Platform[],
        builder: builder ? { name: builder } : undefined,
        secrets,
        push: false,
        buildOnPreview: false,
      },
      { parent: this, retainOnDelete: true },
    );
    this.image = built.digest.apply((digest) => `${args.repository}@${digest}`);
    this.registerOutputs({ image: this.image, key: this.key });
  }
}
