import * as pulumi from "@pulumi/pulumi";
import type { Source } from "../image/source.ts";
import type { Attestations, PushedImage } from "../registry/attestations.ts";
import { type BuiltImage, buildImage } from "./release/build.ts";
import { addVerified, type Verified } from "./release/verified.ts";

/** A release that passed the checks of its promotion. */
export interface Promoted {
  readonly digest: string;
  /** Commit that it was built from, or `unknown`. */
  readonly commit: string;
  /** Content key of the migrations in it. @default unknown */
  readonly migrations?: string;
}

/** Arguments of {@link Release}. */
export interface ReleaseArgs {
  /** Repository of the image, without a tag, as in `registry.example.com/team/app`. */
  readonly repository: string;
  /** Name of the release, as in `v1.17`. @default none, and the stack verifies nothing */
  readonly name?: string;
  /** Source to build, or a release that was promoted. */
  readonly from: Source | Promoted;
  /** Login to the registry for the push. @default the one that `docker login` stored */
  readonly login?: { address: string; username: pulumi.Input<string>; password: pulumi.Input<string> };
  /** Attaches attestations to a named build in the registry. @default none are attached */
  readonly attest?: (image: PushedImage) => Promise<Attestations>;
  /** Releases that this stack has verified so far. @default none */
  readonly earlier?: Verified;
}

/**
 * An image by its digest: built from source, or promoted unchanged. A build is pushed as `REPOSITORY:KEY`, with a key of
 * its content, so that unchanged source is no build on any machine. Images are never deleted with the stack; retention is
 * the registry's.
 */
export class Release extends pulumi.ComponentResource {
  /** Image by digest, `REPOSITORY@sha256:…`; unknown in a preview that would build it. */
  readonly image: pulumi.Output<string>;
  /** Commit that it was built from, or `unknown`. */
  readonly commit: string;
  /** Content key of the database migrations in it, if known. */
  readonly migrations?: string;
  readonly #built: pulumi.Output<BuiltImage>;
  readonly #args: ReleaseArgs;

  constructor(name: string, args: ReleaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:index:Release", name, {}, opts);
    const { repository, from } = args;
    this.#args = args;
    this.#built = "content" in from ? buildImage(name, args, from, this) : pulumi.output({ digest: from.digest });
    this.image = pulumi.interpolate`${repository}@${this.#built.digest}`;
    this.commit = from.commit ?? "unknown";
    this.migrations = "content" in from ? from.content.migrations : from.migrations;
    this.registerOutputs({ image: this.image });
  }

  /**
   * Releases that this stack has verified, with this one once it serves. The next stack promotes from them.
   *
   * @param ready resolves once the release serves
   */
  verifiedOnce(ready: pulumi.Input<unknown>): pulumi.Output<Verified> {
    const { name, earlier = {}, from } = this.#args;
    const { commit, migrations } = this;
    const facts = { commit, ...("content" in from && { key: from.content.key }), ...(migrations && { migrations }) };
    return pulumi
      .all([this.#built, ready])
      .apply(([built]) => (name ? addVerified(earlier, name, { ...facts, ...built }) : earlier));
  }
}
