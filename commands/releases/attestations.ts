import type { Verified } from "../../components/release/verified.ts";
import { provenanceType, readProvenance } from "../../registry/provenance.ts";
import { type Attached, attached } from "../../registry/referrers.ts";
import { ImageRepository } from "../../registry/repository.ts";
import { describedBy, sbomType } from "../../registry/sbom.ts";
import type { Deployed } from "./release-table.ts";

/** What is wrong with the releases that run somewhere, a sentence each; none where all is as it was recorded. */
export type Findings = ReadonlyMap<string, readonly string[]>;

/**
 * Compares what runs with what the registry has of it: the release's tag, and the two records beside the image. Each has to
 * be the one that the stack has recorded which built the image, be about that image, and say the same of its source.
 */
export async function checkAttestations(environments: readonly Deployed[]): Promise<Findings> {
  const running = environments.flatMap(([stack, outputs]) => {
    const { image, running } = outputs ?? {};
    return image && running?.name ? [{ stack, image, name: running.name, own: outputs?.verified[running.name] }] : [];
  });
  const findings = new Map<string, string[]>(running.map(({ name }) => [name, []]));
  const problems = running.map(async ({ stack, image, name, own }) => {
    const [repository = "", digest = ""] = image.split("@");
    const all = environments.map(([, outputs]) => outputs?.verified[name]);
    // A stack that promotes records neither the content key nor the documents: the one that built it does.
    const recorded = all.find((each) => each?.key && each.digest === digest) ?? own;
    const found = await problemsOf({ name, digest, recorded }, new ImageRepository(repository)).catch((error) => [
      `its records can't be checked: ${(error as Error).message}`,
    ]);
    const other = own && own.digest !== digest ? [`it was verified there as ${own.digest}`] : [];
    return [name, [...other, ...found].map((problem) => `${name} in ${stack}, ${digest}: ${problem}`)] as const;
  });
  for (const [name, sentences] of await Promise.all(problems)) findings.get(name)?.push(...sentences);
  return findings;
}

interface Release {
  readonly name: string;
  /** Of the image that runs. */
  readonly digest: string;
  /** What was recorded of it; undefined where no stack has verified it. */
  readonly recorded?: Verified[string];
}

async function problemsOf(release: Release, repository: ImageRepository): Promise<string[]> {
  const { name, digest, recorded } = release;
  const tag = await repository.manifest(name);
  const moved =
    tag?.digest === digest ? [] : [`${repository.name}:${name} ${tag ? `is ${tag.digest} now` : "is gone"}`];
  const { sbom, provenance } = recorded?.records ?? {};
  return [
    ...moved,
    ...(await judge("SBOM", sbom, await attached(repository, digest, sbomType), (text) => {
      const described = describedBy(text);
      return described === digest ? [] : [`is the list of another image: ${described ?? "it does not say which"}`];
    })),
    ...(await judge("provenance", provenance, await attached(repository, digest, provenanceType), (text) =>
      contradictions(text, release),
    )),
  ];

  /** What is wrong with the record that counts; where none was recorded, with the best of those that are there. */
  async function judge(
    kind: string,
    wanted: string | undefined,
    listed: readonly Attached[],
    read: (text: string) => string[],
  ): Promise<string[]> {
    if (listed.length === 0) return [`the registry has no ${kind} of it`];
    const counting = listed.filter((each) => wanted === undefined || each.digest === wanted);
    if (counting.length === 0)
      return [`its ${kind} is not the one that was recorded: ${list(listed)}, recorded is ${wanted}`];
    const judged = await Promise.all(
      counting.map(async ({ subject, digest: document }) => {
        const text = await repository.document(document);
        if (text === undefined) return [`${document} is gone, or no longer what its digest says`];
        return [...(subject === digest ? [] : [`is kept for another image: ${subject}`]), ...read(text)];
      }),
    );
    const [best = []] = judged.sort((one, other) => one.length - other.length);
    return best.map((problem) => `its ${kind} ${problem}`);
  }
}

/** Where a provenance record does not say what was recorded. */
function contradictions(text: string, { digest, recorded }: Release): string[] {
  const said = readProvenance(text);
  if (!said) return ["is not one that an update writes"];
  const differs = (what: string, value: string, expected = value) =>
    value === expected ? [] : [`says ${what} ${value}, recorded is ${expected}`];
  return [
    ...(said.subjects.includes(digest) ? [] : [`is of another image: ${said.subjects.join(", ")}`]),
    ...differs("content key", said.key, recorded?.key),
    ...differs("commit", said.commit, recorded?.commit),
    ...(said.bases.every((base) => base.digest?.sha256) ? [] : ["leaves out the digest of a base image"]),
  ];
}

const list = (documents: readonly Attached[]): string => documents.map(({ digest }) => digest).join(", ");
