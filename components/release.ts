import * as dockerBuild from "@pulumi/docker-build";
import * as pulumi from "@pulumi/pulumi";
import { stageContent } from "../image/content-key.ts";
import { type Source, told } from "../image/source.ts";
import type { PushedImage, Records } from "../registry/attestations.ts";
import { UserError } from "../settings/user-error.ts";
import { qualifiedStackName } from "./release/stack-name.ts";
import { addVerified, newestFirst, nextAfter, type Verified } from "./release/verified.ts";

/** A release that passed the checks of its promotion. */
export interface Promoted {
  readonly digest: string;
  /** Commit that it was built from, or `unknown`. */
  readonly commit: string;
  /** Key of the migrations in it. @default unknown */
  readonly migrations?: string;
}

export interface ReleaseArgs {
  /** Repository of the image, without a tag, as in `registry.example.com/team/app`. */
  readonly repository: string;
  /** Name of the release, as in `v1.17`. Default: none, and nothing is recorded as verified. */
  readonly name?: string;
  /** Where the image comes from: source that is built here, or a release that `promote` has let through. */
  readonly from: Source | Promoted;
  /** How to log in to the registry for the push. Default: as `docker login` left it. */
  readonly login?: { address: string; username: pulumi.Input<string>; password: pulumi.Input<string> };
  /** Keeps records of a named build in the registry, beside its image. Default: none are kept. */
  readonly attest?: (image: PushedImage) => Promise<Records>;
  /** What this stack has verified so far; `parseVerified` checks it. Default: nothing. */
  readonly earlier?: Verified;
}

/** Folder for staged build contexts; relative, since the build plugin compares it from one machine to the next. */
const staging = ".slipway/builds";

/**
 * An image by its digest: built from source and pushed as `REPOSITORY:KEY`, where the key stands for its content (equal
 * source is no change and no build, on any machine), and as `REPOSITORY:NAME` where the release has one; or promoted as
 * it is. Images are never deleted with the stack; retention is the registry's.
 */
export class Release extends pulumi.ComponentResource {
  /** The image by digest, `REPOSITORY@sha256:…`; unknown in a preview that would build it. */
  readonly image: pulumi.Output<string>;
  /** Commit that it was built from, or `unknown`. */
  readonly commit: string;
  /** Key of the database's migrations in it; undefined where it is not known. */
  readonly migrations?: string;
  readonly #built: pulumi.Output<Built>;
  readonly #args: ReleaseArgs;

  constructor(name: string, args: ReleaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:index:Release", name, {}, opts);
    const { repository, from } = args;
    this.#args = args;
    this.#built = "content" in from ? build(name, args, from, this) : pulumi.output({ digest: from.digest });
    this.image = pulumi.interpolate`${repository}@${this.#built.digest}`;
    this.commit = from.commit ?? "unknown";
    this.migrations = "content" in from ? from.content.migrations : from.migrations;
    this.registerOutputs({ image: this.image });
  }

  /**
   * What the stack has verified, this release included once it serves: the record that the next stack promotes from.
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

/** An image in the registry. */
interface Built {
  readonly digest: string;
  /** What is kept beside it. Default: nothing. */
  readonly records?: Records;
}

/** Builds, pushes, and keeps records of what has a name. */
function build(name: string, args: ReleaseArgs, source: Source, parent: Release): pulumi.Output<Built> {
  const { repository, name: tag, login } = args;
  const { content, builder, secrets } = source;
  if (tag) refuseOtherSource(tag, content.key, args);
  const staged = told(() => stageContent(content, staging));
  const push = (logicalName: string, reference: pulumi.Input<string>) =>
    new dockerBuild.Image(
      logicalName,
      {
        tags: [reference],
        context: { location: staged.context },
        dockerfile: { location: staged.dockerfile },
        target: content.target,
        // Same source, same digest: https://reproducible-builds.org/specs/source-date-epoch/
        buildArgs: { ...content.args, SOURCE_DATE_EPOCH: "0" },
        // No commit among the labels: the same source from another commit is the same image.
        labels: { ...content.labels, "org.opencontainers.image.version": content.key },
        // Giving every layer the same times means compressing it again. That takes gzip six times as long as zstd at its
        // fastest, for layers of about the same size.
        exports: [
          {
            raw: `type=registry,${content.keepTimes ? "" : "rewrite-timestamp=true,"}compression=zstd,compression-level=1`,
          },
        ],
        platforms: content.platforms as dockerBuild.Platform[],
        builder: builder ? { name: builder } : undefined,
        secrets,
        // Its plugin takes no notice of another password: a new token is no change.
        registries: login && [login],
        push: false,
        buildOnPreview: false,
      },
      { parent, retainOnDelete: true },
    ).digest;

  const built = push(name, `${repository}:${content.key}`);
  if (!tag) return built.apply((digest) => ({ digest }));
  const released = built.apply((digest) => stillFree(tag, digest, args));
  // A resource of its own, so that a new name for the same content leaves the image, and with it every pod, alone.
  const named = push(
    `${name}-name`,
    released.apply(() => `${repository}:${tag}`),
  );
  const commit = source.commit ?? "unknown";
  // In a preview the second push is still to come; the digest is known, and what follows can be compared.
  if (pulumi.runtime.isDryRun())
    return released.apply((digest) => ({ digest, ...knownOf(digest, args).find((each) => each.commit === commit) }));
  return pulumi.all([released, named, open(login)]).apply(async ([digest, other, login]) => {
    if (other !== digest) throw notReproducible(`${repository}:${content.key}`, digest, `${repository}:${tag}`, other);
    const known = knownOf(digest, args).map(({ records }) => records);
    const records = await args.attest?.({
      ...{ repository, digest, content, commit, builder, login, known },
      ...{ secrets: Object.keys(secrets ?? {}), stack: qualifiedStackName(pulumi.getStack()) },
    });
    return { digest, ...(records && { records }) };
  });
}

/** A login as it is: what is made with it is no secret itself. */
const open = (login: ReleaseArgs["login"]) =>
  pulumi.unsecret(pulumi.output(login && { username: login.username, password: login.password }));

/** What this stack has recorded of an image that it has kept records of, under whatever name; the newest first. */
const knownOf = (digest: string, { earlier = {} }: ReleaseArgs) =>
  newestFirst(earlier)
    .map((name) => earlier[name] as Verified[string])
    .flatMap(({ records, ...each }) => (records && each.digest === digest ? [{ commit: each.commit, records }] : []));

const notReproducible = (first: string, digest: string, second: string, other: string) =>
  new UserError(
    `the build is not reproducible: ${first} is ${digest}, but built again for ${second} it is ${other}.\n` +
      "  The running version stays. Look for what differs from one build to the next: times, random names, unpinned packages.\n",
  );

/** The key is part of the image, so that another key is another image: known before anything is built. */
function refuseOtherSource(name: string, key: string, { earlier = {} }: ReleaseArgs): void {
  const before = earlier[name];
  if (before?.key === undefined || before.key === key) return;
  throw new UserError(
    `slipway:release.name is ${name}, but that was released from other source; nothing was changed.\n` +
      `  released: content key ${before.key}, commit ${before.commit}\n` +
      `  now:      content key ${key}\n${nameAnother(name)}`,
  );
}

/** The digest, unless the name was given to another image: equal source need not be an equal image. */
function stillFree(name: string, digest: string, { earlier = {}, repository }: ReleaseArgs): string {
  const before = earlier[name]?.digest;
  if (before === undefined || before === digest) return digest;
  throw new UserError(
    `slipway:release.name is ${name}, but that was released as another image; the running version stays.\n` +
      `  released: ${repository}@${before}\n  now:      ${repository}@${digest}\n${nameAnother(name)}`,
  );
}

function nameAnother(name: string): string {
  return `  Name a new release: pulumi config set --stack ${pulumi.getStack()} --path slipway:release.name ${nextAfter(name)}\n`;
}
