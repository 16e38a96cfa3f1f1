import { z } from "zod";
import type { Content } from "../image/content-key.ts";
import type { Dependency } from "./base-images.ts";

/** Media type of a record of how an image was made: https://github.com/in-toto/attestation */
export const provenanceType = "application/vnd.in-toto+json";

/** How an image was made. */
export interface Making {
  readonly repository: string;
  readonly digest: string;
  readonly content: Pick<Content, "key" | "dockerfile" | "target" | "args" | "platforms" | "labels" | "keepTimes">;
  /** Of the source, with `-dirty` behind it where that had changes that were not committed. Default: unknown. */
  readonly commit?: string;
  /** Names of the secrets that the build was handed. */
  readonly secrets: readonly string[];
  /** The stack whose `pulumi up` built it, as organization/project/name. */
  readonly stack: string;
  /** Name of the buildx builder. Default: the one that was selected. */
  readonly builder?: string;
  readonly bases: readonly Dependency[];
}

const stackPrefix = "urn:slipway:stack:";
const sourceName = "source";

/**
 * Says how an image was made: https://slsa.dev/spec/v1.0/provenance. The same for the same image, commit and stack: no time
 * is in it, and of secrets only the names.
 */
export function provenanceOf({ repository, digest, content, commit, secrets, stack, builder, bases }: Making): string {
  const { key, dockerfile, target, args, platforms, labels, keepTimes } = content;
  return JSON.stringify({
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: repository, digest: { sha256: hexadecimal(digest) } }],
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: {
        buildType: "urn:slipway:build:dockerfile:1",
        externalParameters: {
          contentKey: key,
          dockerfile,
          target,
          args,
          platforms,
          labels,
          ...(keepTimes && { keepTimes }),
          secrets: [...secrets].sort(),
        },
        internalParameters: { builder },
        resolvedDependencies: [...sourceOf(commit, labels["org.opencontainers.image.source"]), ...bases].map(inOrder),
      },
      runDetails: { builder: { id: stackPrefix + stack } },
    },
  });
}

/** The same text for what was read again. */
const inOrder = ({ name, uri, digest, downloadLocation, annotations }: Dependency): Dependency => ({
  ...{ name, uri, digest, downloadLocation, annotations },
});

/** The commit, where it is known; without it there is nothing that could be resolved. */
function sourceOf(commit: string | undefined, source: string | undefined): Dependency[] {
  const [gitCommit, uncommitted] = commit?.split("-") ?? [];
  if (!gitCommit || gitCommit === "unknown") return [];
  return [
    {
      name: sourceName,
      uri: source && `git+${source}`,
      digest: { gitCommit },
      ...(uncommitted && { annotations: { uncommittedChanges: true } }),
    },
  ];
}

const hexadecimal = (digest: string): string => digest.replace("sha256:", "");

const dependency = z.looseObject({
  name: z.string(),
  uri: z.string().optional(),
  digest: z.record(z.string(), z.string()).optional(),
  downloadLocation: z.string().optional(),
  annotations: z.record(z.string(), z.unknown()).optional(),
});

const statement = z.looseObject({
  subject: z.array(z.looseObject({ digest: z.looseObject({ sha256: z.string() }) })),
  predicate: z.looseObject({
    buildDefinition: z.looseObject({
      externalParameters: z.looseObject({ contentKey: z.string() }),
      resolvedDependencies: z.array(dependency),
    }),
  }),
});

/** What a record says of an image. */
export interface Provenance {
  /** Digests of the images that it is about. */
  readonly subjects: readonly string[];
  readonly key: string;
  /** As `Making` has it; `unknown` where it says none. */
  readonly commit: string;
  readonly bases: readonly Dependency[];
}

/** Reads a record; undefined where it is not as `provenanceOf` writes it. */
export function readProvenance(text: string): Provenance | undefined {
  const { data } = statement.safeParse(parsed(text));
  if (!data) return undefined;
  const { externalParameters, resolvedDependencies } = data.predicate.buildDefinition;
  const source = resolvedDependencies.find(({ name }) => name === sourceName);
  return {
    subjects: data.subject.map(({ digest }) => `sha256:${digest.sha256}`),
    key: externalParameters.contentKey,
    commit: (source?.digest?.gitCommit ?? "unknown") + (source?.annotations?.uncommittedChanges ? "-dirty" : ""),
    bases: resolvedDependencies.filter((each) => each !== source),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
