import type { Verified } from "../../components/release/verified.ts";
import { parseReference } from "../../image/reference.ts";
import { provenanceType, readProvenance } from "../../registry/provenance.ts";
import { attachments } from "../../registry/referrers.ts";
import { ImageRepository } from "../../registry/repository.ts";
import { describedImage, sbomType } from "../../registry/sbom.ts";
import type { Deployed } from "./release-table.ts";

/** Problems of the releases that run somewhere, by release; an empty list if everything is as recorded. */
export type Findings = ReadonlyMap<string, readonly string[]>;

/**
 * Compares running releases with the registry: the release's tag, and the two attestations of the image. Each attestation
 * has to be the one that the building stack recorded, be attached to that image, and name the recorded source.
 */
export async function checkAttestations(environments: readonly Deployed[]): Promise<Findings> {
  const findings = new Map<string, string[]>();
  const checks = environments.map(async ([stack, outputs]) => {
    const { image, running } = outputs ?? {};
    if (!image || !running?.name) return;
    const problems: string[] = [];
    const name = running.name;
    findings.set(name, findings.get(name) ?? []);
    const { digest = "" } = parseReference(image);
    const own = outputs?.verified[name];
    // Only the stack that built the image records its content key and attestations.
    const built = environments
      .map(([, other]) => other?.verified[name])
      .find((each) => each?.key && each.digest === digest);
    if (own && own.digest !== digest) problems.push(`it was verified there as ${own.digest}`);
    try {
      const release = { name, digest, recorded: built ?? own };
      problems.push(...(await problemsOf(release, new ImageRepository(image))));
    } catch (error) {
      problems.push(`its attestations can't be checked: ${(error as Error).message}`);
    }
    return problems.map((problem) => ({ name, sentence: `${name} in ${stack}, ${digest}: ${problem}` }));
  });
  for (const { name, sentence } of (await Promise.all(checks)).flatMap((problems) => problems ?? []))
    findings.get(name)?.push(sentence);
  return findings;
}

interface Release {
  readonly name: string;
  /** Digest of the running image. */
  readonly digest: string;
  /** What the stacks recorded about it; undefined if none verified it. */
  readonly recorded?: Verified[string];
}

async function problemsOf(release: Release, repository: ImageRepository): Promise<string[]> {
  const { name, digest, recorded } = release;
  const problems: string[] = [];
  const tag = await repository.manifest(name);
  if (tag?.digest !== digest) problems.push(`${repository.name}:${name} ${tag ? `is ${tag.digest} now` : "is gone"}`);
  const { sbom, provenance } = recorded?.records ?? {};
  problems.push(
    ...(await attestationProblems("SBOM", sbomType, sbom, (text) => {
      const described = describedImage(text);
      return described === digest ? [] : [`describes another image: ${described ?? "it does not say which"}`];
    })),
    ...(await attestationProblems("provenance", provenanceType, provenance, (text) => contradictions(text, release))),
  );
  return problems;

  /** Checks the recorded attestation; if none was recorded, the best of the attached ones. */
  async function attestationProblems(
    kind: string,
    type: string,
    wanted: string | undefined,
    check: (text: string) => string[],
  ): Promise<string[]> {
    const listed = await attachments(repository, digest, type);
    if (listed.length === 0) return [`the registry has no ${kind} of it`];
    const candidates = listed.filter((each) => wanted === undefined || each.digest === wanted);
    if (candidates.length === 0) {
      const digests = listed.map((each) => each.digest).join(", ");
      return [`its ${kind} is not the one that was recorded: ${digests}, recorded is ${wanted}`];
    }
    const checked = await Promise.all(
      candidates.map(async ({ subject, digest: document }) => {
        const text = (await repository.blob(document))?.toString();
        if (text === undefined) return [`${document} is gone, or no longer what its digest says`];
        return [...(subject === digest ? [] : [`is attached to another image: ${subject}`]), ...check(text)];
      }),
    );
    const [fewest = []] = checked.sort((one, other) => one.length - other.length);
    return fewest.map((problem) => `its ${kind} ${problem}`);
  }
}

/** Lists where a provenance differs from what was recorded. */
function contradictions(text: string, { digest, recorded }: Release): string[] {
  const provenance = readProvenance(text);
  if (!provenance) return ["is not one that an update writes"];
  const differs = (field: string, value: string, expected = value) =>
    value === expected ? [] : [`says ${field} ${value}, recorded is ${expected}`];
  return [
    ...(provenance.subjects.includes(digest) ? [] : [`is of another image: ${provenance.subjects.join(", ")}`]),
    ...differs("content key", provenance.key, recorded?.key),
    ...differs("commit", provenance.commit, recorded?.commit),
    ...(provenance.bases.every((base) => base.digest?.sha256) ? [] : ["leaves out the digest of a base image"]),
  ];
}
