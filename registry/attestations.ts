import type { Content } from "../image/content-key.ts";
import { UserError } from "../settings/user-error.ts";
import type { Login } from "./login.ts";
import type { BuildFacts } from "./provenance.ts";
import { attach, attachments } from "./referrers.ts";
import { ImageRepository, sha256 } from "./repository.ts";

/** Digests of the attestations beside an image. */
export interface Attestations {
  /** Lists the packages in the image. */
  readonly sbom: string;
  /** Says from what and how the image was built. */
  readonly provenance: string;
}

/** An image that was just built and pushed. */
export interface PushedImage extends Omit<BuildFacts, "content" | "bases"> {
  readonly content: Content;
  /** @default the one that `docker login` stored */
  readonly login?: Login;
  /** Attestations that earlier updates recorded for this image; only these are trusted. @default none */
  readonly recorded?: readonly Attestations[];
}

/**
 * Attaches an SBOM and a provenance to an image in the registry. Reuses those that an earlier update recorded, without
 * reading the image again.
 *
 * @throws UserError if that fails
 */
export async function attest(image: PushedImage): Promise<Attestations> {
  const repository = new ImageRepository(image.repository, image.login);
  try {
    // One after the other: both may change the same fallback tag.
    return { sbom: await attachSbom(image, repository), provenance: await attachProvenance(image, repository) };
  } catch (error) {
    throw new UserError(
      `${image.repository}@${image.digest} was pushed, but its attestations could not be attached: it is not rolled out, and not recorded as verified; the running version stays.\n` +
        `  ${(error as Error).message}\n` +
        "  Correct that, then run pulumi up again.\n",
    );
  }
}

async function attachSbom(image: PushedImage, repository: ImageRepository): Promise<string> {
  const { createSbom, sbomType } = await import("./sbom.ts");
  const { digest, content, login, recorded } = image;
  const attached = await attachedDigests(repository, digest, sbomType);
  const trusted = recorded?.find(({ sbom }) => attached.includes(sbom));
  if (trusted) return trusted.sbom;
  const sbom = await createSbom(`${repository.name}@${digest}`, platformOf(content), login);
  return attach(repository, digest, { type: sbomType, content: sbom });
}

/** Attaches one provenance for each commit that builds the same image, with the base images of the first one. */
async function attachProvenance(image: PushedImage, repository: ImageRepository): Promise<string> {
  const { createProvenance, provenanceType, readProvenance } = await import("./provenance.ts");
  const { digest, recorded = [] } = image;
  const attached = await attachedDigests(repository, digest, provenanceType);
  const trusted = attached.filter((each) => recorded.some(({ provenance }) => provenance === each));
  const basesIn = async (document: string) =>
    readProvenance((await repository.blob(document))?.toString() ?? "")?.bases ?? [];
  const earlier = trusted[0] ? await basesIn(trusted[0]) : [];
  // Untrusted documents only say where to look.
  const hints = async () => (await Promise.all(attached.map(basesIn))).flat();
  const bases = earlier.length > 0 ? earlier : await resolveBases(image, repository, await hints());
  const content = createProvenance({ ...image, bases });
  if (trusted.includes(sha256(content))) return sha256(content);
  return attach(repository, digest, { type: provenanceType, content });
}

async function resolveBases(
  { digest, content }: PushedImage,
  repository: ImageRepository,
  hints: BuildFacts["bases"],
): Promise<BuildFacts["bases"]> {
  const [{ resolveBaseImages }, { baseImages }] = await Promise.all([
    import("./base-images.ts"),
    import("../image/dockerfile.ts"),
  ]);
  const bases = baseImages(content.dockerfileBytes.toString(), content);
  return resolveBaseImages({ repository, digest, platform: platformOf(content) }, bases, hints);
}

/** Digests of an image's attached documents of a type. */
const attachedDigests = async (repository: ImageRepository, image: string, type: string): Promise<string[]> =>
  (await attachments(repository, image, type)).filter(({ subject }) => subject === image).map(({ digest }) => digest);

/** Platform that represents all platforms of an image: the first. */
const platformOf = ({ platforms }: Content): string => platforms[0] ?? "linux/amd64";
