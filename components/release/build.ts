import { existsSync } from "node:fs";
import { join } from "node:path";
import * as dockerBuild from "@pulumi/docker-build";
import * as pulumi from "@pulumi/pulumi";
import { stageContent } from "../../image/content-key.ts";
import { asUserError, noticeOfLeftOut, type Source } from "../../image/source.ts";
import type { Attestations } from "../../registry/attestations.ts";
import { UserError } from "../../settings/user-error.ts";
import type { ReleaseArgs } from "../release.ts";
import { refuseOtherImage, refuseOtherSource } from "./name-checks.ts";
import { qualifiedStackName } from "./stack-name.ts";
import { newestFirst, type Verified } from "./verified.ts";

/** Folder for staged build contexts. Relative, because the build plugin compares it between machines. */
const staging = ".slipway/builds";

/** An image in the registry. */
export interface BuiltImage {
  readonly digest: string;
  /** Attestations beside it. @default none */
  readonly records?: Attestations;
}

/**
 * Builds an image and pushes it as `REPOSITORY:KEY`. If the release has a name, pushes it as `REPOSITORY:NAME` too and
 * attaches the attestations.
 */
export function buildImage(
  name: string,
  args: ReleaseArgs,
  source: Source,
  parent: pulumi.Resource,
): pulumi.Output<BuiltImage> {
  const { repository, name: release, earlier = {} } = args;
  const { key } = source.content;
  if (release) refuseOtherSource(release, key, earlier);
  const push = pushes(source, args.login, parent);
  const built = push(name, `${repository}:${key}`);
  if (!release) return built.apply((digest) => ({ digest }));
  const checked = built.apply((digest) => {
    refuseOtherImage(release, digest, earlier, repository);
    return digest;
  });
  const reference = checked.apply(() => `${repository}:${release}`);
  // A resource of its own: a new name for the same content changes neither the image nor any pod.
  const named = push(`${name}-name`, reference);
  // A preview does not push. It shows the attestations that this commit's image has already.
  if (pulumi.runtime.isDryRun())
    return checked.apply((digest) => ({
      digest,
      ...attestedImages(digest, earlier).find(({ commit }) => commit === (source.commit ?? "unknown")),
    }));
  return pulumi.all([checked, named, openLogin(args.login)]).apply(async ([digest, other, login]) => {
    if (other !== digest) throw notReproducible(`${repository}:${key}`, digest, `${repository}:${release}`, other);
    const records = await args.attest?.({
      repository,
      digest,
      content: source.content,
      commit: source.commit ?? "unknown",
      builder: source.builder,
      secrets: Object.keys(source.secrets ?? {}),
      stack: qualifiedStackName(pulumi.getStack()),
      login,
      recorded: attestedImages(digest, earlier).map(({ records }) => records),
    });
    return { digest, ...(records && { records }) };
  });
}

/** Stages the build context. @returns a function that creates the resource for one build and push */
function pushes({ content, builder, secrets }: Source, login: ReleaseArgs["login"], parent: pulumi.Resource) {
  // Once for each new source: a preview of the same source is silent. Without an engine it would go to standard output.
  const isNew = pulumi.runtime.hasEngine() && !existsSync(join(staging, content.key));
  const notice = isNew ? noticeOfLeftOut(content) : undefined;
  if (notice) pulumi.log.info(notice, parent);
  const staged = asUserError(() => stageContent(content, staging));
  const timestamps = content.keepTimes ? "" : "rewrite-timestamp=true,";
  return (logicalName: string, reference: pulumi.Input<string>): pulumi.Output<string> =>
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
        // Rewriting timestamps compresses each layer again: gzip takes six times as long as zstd at its fastest level, for
        // layers of about the same size.
        exports: [{ raw: `type=registry,${timestamps}compression=zstd,compression-level=1` }],
        platforms: content.platforms as dockerBuild.Platform[],
        builder: builder ? { name: builder } : undefined,
        secrets,
        // The plugin ignores another password: a new token is no change.
        registries: login && [login],
        push: false,
        buildOnPreview: false,
      },
      { parent, retainOnDelete: true },
    ).digest;
}

/** Login in plain text, so that outputs derived from it are not secret. */
const openLogin = (login: ReleaseArgs["login"]) =>
  pulumi.unsecret(pulumi.output(login && { username: login.username, password: login.password }));

/** Earlier releases of the same image with attestations, the newest first. */
const attestedImages = (digest: string, earlier: Verified) =>
  newestFirst(earlier)
    .map((name) => earlier[name] as Verified[string])
    .flatMap(({ records, ...each }) => (records && each.digest === digest ? [{ commit: each.commit, records }] : []));

const notReproducible = (first: string, digest: string, second: string, other: string) =>
  new UserError(
    `the build is not reproducible: ${first} is ${digest}, but built again for ${second} it is ${other}.\n` +
      "  The running version stays. Look for what differs from one build to the next: times, random names, unpinned packages.\n",
  );
