import { z } from "zod";
import type { Content } from "../image/content-key.ts";
import type { Dependency } from "./base-images.ts";

/** Media type of a provenance: https://github.com/in-toto/attestation */
export const provenanceType = "application/vnd.in-toto+json";

/** Facts about one build. */
export interface BuildFacts {
  readonly repository: string;
  readonly digest: string;
  readonly content: Pick<Content, "key" | "dockerfile" | "target" | "args" | "platforms" | "labels" | "keepTimes">;
  /** Commit of the source, with the suffix `-dirty` if it had uncommitted changes. @default unknown */
  readonly commit?: string;
  /** Names of the build secrets. */
  readonly secrets: readonly string[];
  /** Stack that built it, as organization/project/name. */
  readonly stack: string;
  /** Name of the buildx builder. @default the selected one */
  readonly builder?: string;
  readonly bases: readonly Dependency[];
}

const stackPrefix = "urn:slipway:stack:";
const sourceName = "source";

/**
 * Writes a provenance. It is the same for the same image, commit and stack: it has no timestamp, and of secrets only the
 * names.
 *
 * @see https://slsa.dev/spec/v1.0/provenance
 */
export function createProvenance(facts: BuildFacts): string {
  const { repository, digest, content, commit, secrets, stack, builder, bases } = facts;
  const { key, dockerfile, target, args, platforms, labels, keepTimes } = content;
  return JSON.stringify({
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: repository, digest: { sha256: digest.replace("sha256:", "") } }],
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
        resolvedDependencies: [...source(commit, labels["org.opencontainers.image.source"]), ...bases],
      },
      runDetails: { builder: { id: stackPrefix + stack } },
    },
  });
}

/** The source, if its commit is known; otherwise there is nothing to resolve. */
function source(commit: string | undefined, address: string | undefined): Dependency[] {
  const [gitCommit, uncommitted] = commit?.split("-") ?? [];
  if (!gitCommit || gitCommit === "unknown") return [];
  return [
    {
      name: sourceName,
      uri: address && `git+${address}`,
      digest: { gitCommit },
      ...(uncommitted && { annotations: { uncommittedChanges: true } }),
    },
  ];
}

// Not loose: the keys that it reads have the order in which they were written, so that the text is the same again.
const dependency = z.object({
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

/** Content of a provenance. */
export interface Provenance {
  /** Digests of the images that it describes. */
  readonly subjects: readonly string[];
  readonly key: string;
  /** As in {@link BuildFacts}; `unknown` if it names none. */
  readonly commit: string;
  readonly bases: readonly Dependency[];
}

/** Reads a provenance; undefined if it is not as {@link createProvenance} writes it. */
export function readProvenance(text: string): Provenance | undefined {
  const { data } = statement.safeParse(parseJson(text));
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

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
