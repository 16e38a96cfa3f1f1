import * as pulumi from "@pulumi/pulumi";

/** What people want to know of an image; none of it is part of a pod, so that none of it restarts one. */
export interface ReleaseFacts {
  /** Name of the release, as in `v1.17`. */
  readonly name?: string;
  /** Commit that it was built from. */
  readonly commit?: string;
  /** Where its source is kept. */
  readonly source?: string;
  /** Why it runs here although no stack had verified it. */
  readonly breakGlass?: string;
}

/** `/etc/slipway/release.json`: one file for all pods, so it says which image it speaks of. */
export const releaseFile = (image: pulumi.Input<string>, release?: ReleaseFacts): pulumi.Output<string> =>
  pulumi.jsonStringify({ image, name: release?.name, commit: release?.commit });

/**
 * What the Deployment says of its release. The keys are those of https://specs.opencontainers.org/image-spec/annotations/; `kubectl rollout history` shows the
 * change cause.
 */
export function annotations({ name, commit, source, breakGlass }: ReleaseFacts = {}): Record<string, string> {
  const cause = [name && `release ${name}`, commit && `commit ${commit}`, breakGlass && `break glass: ${breakGlass}`];
  const all = {
    "kubernetes.io/change-cause": cause.filter(Boolean).join(", ") || undefined,
    "org.opencontainers.image.version": name,
    "org.opencontainers.image.revision": commit,
    "org.opencontainers.image.source": source,
    "slipway/break-glass": breakGlass,
  };
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
