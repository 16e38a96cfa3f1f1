import type { Content } from "../image/content-key.ts";
import { UserError } from "../settings/user-error.ts";
import type { Login } from "./login.ts";
import type { Making } from "./provenance.ts";
import { attach, attached } from "./referrers.ts";
import { ImageRepository, sha256 } from "./repository.ts";

/** The records that are kept beside an image, by their digests. */
export interface Records {
  /** What is in the image. */
  readonly sbom: string;
  /** What it was made from, and how. */
  readonly provenance: string;
}

/** An image that was just built and pushed. */
export interface PushedImage extends Omit<Making, "content" | "bases"> {
  readonly content: Content;
  /** Default: as `docker login` left it. */
  readonly login?: Login;
  /** Records that earlier updates kept of this very image; what else is in the registry is believed nothing. Default: none. */
  readonly known?: readonly Records[];
}

/**
 * Keeps two records in the registry beside an image: what is in it (an SBOM), and how it was made (its provenance). What an
 * earlier update has kept is left as it is, and nothing of the image is read again.
 *
 * @throws UserError where that fails
 */
export async function attest(image: PushedImage): Promise<Records> {
  const repository = new ImageRepository(image.repository, image.login);
  try {
    // One after the other: both may have to be written into the same list.
    return { sbom: await keepSbom(image, repository), provenance: await keepProvenance(image, repository) };
  } catch (error) {
    throw new UserError(
      `${image.repository}@${image.digest} was pushed, but its records could not be kept beside it: it is not rolled out, and not recorded as verified; the running version stays.\n` +
        `  ${(error as Error).message}\n` +
        "  Put that right, then run pulumi up again.\n",
    );
  }
}

async function keepSbom({ digest, content, login, known }: PushedImage, repository: ImageRepository): Promise<string> {
  const { sbomOf, sbomType } = await import("./sbom.ts");
  const kept = await digestsOf(repository, digest, sbomType);
  const ours = known?.find(({ sbom }) => kept.includes(sbom));
  if (ours) return ours.sbom;
  const text = await sbomOf(`${repository.name}@${digest}`, platformOf(content), login);
  return attach(repository, digest, { type: sbomType, content: text });
}

/** Each commit that comes to the same image has a record of its own, on the base images that the first one found. */
async function keepProvenance(image: PushedImage, repository: ImageRepository): Promise<string> {
  const { provenanceOf, provenanceType, readProvenance } = await import("./provenance.ts");
  const { digest, known = [] } = image;
  const listed = await digestsOf(repository, digest, provenanceType);
  const kept = listed.filter((each) => known.some(({ provenance }) => provenance === each));
  const read = async (document: string) => readProvenance((await repository.document(document)) ?? "")?.bases ?? [];
  const recorded = kept[0] ? await read(kept[0]) : [];
  // What no update has recorded is a hint where to look, and no more.
  const hints = async () => (await Promise.all(listed.map(read))).flat();
  const bases = recorded.length > 0 ? recorded : await findBases(image, repository, await hints());
  const text = provenanceOf({ ...image, bases });
  if (kept.includes(sha256(text))) return sha256(text);
  return attach(repository, digest, { type: provenanceType, content: text });
}

async function findBases(
  { digest, content }: PushedImage,
  repository: ImageRepository,
  hints: Making["bases"],
): Promise<Making["bases"]> {
  const [{ baseDependencies }, { baseImages }] = await Promise.all([
    import("./base-images.ts"),
    import("../image/dockerfile.ts"),
  ]);
  const bases = baseImages(content.recipe.toString(), content);
  return baseDependencies({ repository, digest, platform: platformOf(content) }, bases, hints);
}

/** Documents of a type that are kept of an image, by their digests. */
const digestsOf = async (repository: ImageRepository, image: string, type: string): Promise<string[]> =>
  (await attached(repository, image, type)).filter(({ subject }) => subject === image).map(({ digest }) => digest);

/** Of an image for several platforms, the first one's packages and layers stand for all. */
const platformOf = ({ platforms }: Content): string => platforms[0] ?? "linux/amd64";
