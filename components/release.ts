import * as dockerBuild from "@pulumi/docker-build";
import * as pulumi from "@pulumi/pulumi";
import { type Content, stageContent } from "./content-key.ts";

export interface ReleaseArgs {
  /** Repository of the image, without a tag, as in `registry.example.com/team/app`. */
  readonly repository: string;
  /** What the image is built from; `readContent` reads it. */
  readonly content: Content;
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

  constructor(name: string, args: ReleaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:index:Release", name, {}, opts);
    const { repository, content, builder, secrets } = args;
    const staged = stageContent(content, staging);
    const built = new dockerBuild.Image(
      name,
      {
        tags: [`${repository}:${content.key}`],
        context: { location: staged.context },
        dockerfile: { location: staged.dockerfile },
        target: content.target,
        // Same source, same digest: https://reproducible-builds.org/specs/source-date-epoch/
        buildArgs: { ...content.args, SOURCE_DATE_EPOCH: "0" },
        // zstd: giving every layer the same times means compressing it again, which takes gzip twice as long.
        exports: [{ raw: "type=registry,rewrite-timestamp=true,compression=zstd" }],
        platforms: content.platforms as dockerBuild.Platform[],
        builder: builder ? { name: builder } : undefined,
        secrets,
        push: false,
        buildOnPreview: false,
      },
      { parent: this, retainOnDelete: true },
    );
    this.image = built.digest.apply((digest) => `${repository}@${digest}`);
    this.registerOutputs({ image: this.image });
  }
}
