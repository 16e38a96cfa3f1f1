import * as pulumi from "@pulumi/pulumi";

/** Facts about a release, for people. None is part of a pod, so that none restarts one. */
export interface ReleaseFacts {
  /** Name of the release, as in `v1.17`. */
  readonly name?: string;
  /** Commit that it was built from. */
  readonly commit?: string;
  /** URL of its source. */
  readonly source?: string;
  /** Reason why it runs although no stack had verified it. */
  readonly breakGlass?: string;
}

/** Text of `/etc/slipway/release.json`. All pods share the file, so it names its image. */
export const releaseFile = (image: pulumi.Input<string>, release?: ReleaseFacts): pulumi.Output<string> =>
  pulumi.jsonStringify({ image, name: release?.name, commit: release?.commit });

/**
 * Annotations of the Deployment, with the keys of https://specs.opencontainers.org/image-spec/annotations/.
 * `kubectl rollout history` shows the change cause.
 */
export function releaseAnnotations({ name, commit, source, breakGlass }: ReleaseFacts = {}): Record<string, string> {
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
