import type { BaseImage } from "../image/dockerfile.ts";
import { type ImageReference, parseReference } from "../image/reference.ts";
import { type Descriptor, ImageRepository } from "./repository.ts";

/** An input of a build, as a provenance lists it. */
export interface Dependency {
  readonly name: string;
  /** https://github.com/package-url/purl-spec for images, `git+https://…` for source. */
  readonly uri?: string;
  readonly digest?: Readonly<Record<string, string>>;
  readonly downloadLocation?: string;
  readonly annotations?: Readonly<Record<string, unknown>>;
}

/** How the digest of a base image was determined. */
export type Evidence =
  /** The Dockerfile names it. */
  | "pinned"
  /** The built image begins with its layers. */
  | "layers"
  /** The name pointed to it right after the build; the image holds no layers that could prove it. */
  | "name";

/** The image that was built on the base images. */
export interface BuiltImage {
  readonly repository: ImageRepository;
  readonly digest: string;
  /** As in `linux/amd64`. */
  readonly platform: string;
}

/**
 * Finds the digests of base images. A builder does not say which ones it used, and may have pulled them from a mirror.
 * So each name is looked up in its own registry and in the image's registry. If the image begins with the base's layers,
 * only a digest with these layers counts; it may be an earlier one, if the tag has moved since.
 *
 * @param hints bases from untrusted provenance; they are verified
 * @throws Error if a digest can't be found or is not the one that was built on, with the line for the Dockerfile
 */
export async function resolveBaseImages(
  built: BuiltImage,
  bases: readonly BaseImage[],
  hints: readonly Dependency[] = [],
): Promise<Dependency[]> {
  const image = await layersOf(built.repository, built.digest, built.platform);
  return Promise.all(
    bases.map((base) => {
      const earlier = base.providesLayers ? hints.filter(({ name }) => name === base.name) : [];
      const digests = earlier.flatMap(({ digest }) => (digest?.sha256 ? [`sha256:${digest.sha256}`] : []));
      return resolve(base, built, image?.layers ?? [], [...new Set(digests)]);
    }),
  );
}

/** Result of one lookup. */
interface Candidate {
  readonly repository: string;
  readonly digest?: string;
  readonly layers: readonly string[];
  readonly problem?: string;
}

async function resolve(
  { name, providesLayers }: BaseImage,
  built: BuiltImage,
  layers: readonly string[],
  earlierDigests: readonly string[],
): Promise<Dependency> {
  const reference = parseReference(name);
  const { host, path, tag, digest } = reference;
  const dependency = { name, uri: `pkg:docker/${familiarName(reference)}@${tag ?? digest}` };
  if (digest) return { ...dependency, digest: digestSet(digest), ...evidence("pinned") };
  const repositories = [...new Set([`${host}/${path}`, `${built.repository.host}/${path}`])];
  const candidates = await Promise.all(
    [tag ?? "latest", ...earlierDigests].flatMap((version) =>
      repositories.map((repository) => lookUp(repository, version, built)),
    ),
  );
  const match = candidates.find((each) => each.digest && (!providesLayers || beginsWith(layers, each.layers)));
  if (!match?.digest) throw new Error(unresolved(name, candidates));
  return {
    ...dependency,
    digest: digestSet(match.digest),
    downloadLocation: `${match.repository}@${match.digest}`,
    ...evidence(providesLayers ? "layers" : "name"),
  };
}

const evidence = (evidence: Evidence) => ({ annotations: { evidence } });

const digestSet = (digest: string) => ({ sha256: digest.replace("sha256:", "") });

async function lookUp(name: string, version: string, { repository, platform }: BuiltImage): Promise<Candidate> {
  const source = parseReference(name).host === repository.host ? repository.sibling(name) : new ImageRepository(name);
  try {
    const image = await layersOf(source, version, platform);
    if (!image) return { repository: name, layers: [], problem: `there is no ${version} for ${platform}` };
    const problem = `${image.digest}, but the image does not begin with its layers`;
    return { repository: name, ...image, problem };
  } catch (error) {
    return { repository: name, layers: [], problem: (error as Error).message };
  }
}

const beginsWith = (layers: readonly string[], first: readonly string[]): boolean =>
  first.length > 0 && first.every((layer, index) => layers[index] === layer);

/** An image's digest and its layers for a platform, by their uncompressed digests: another compression changes nothing. */
async function layersOf(
  repository: ImageRepository,
  reference: string,
  platform: string,
): Promise<{ digest: string; layers: string[] } | undefined> {
  const manifest = await repository.manifest(reference);
  const { manifests, config }: { manifests?: PlatformManifest[]; config?: Descriptor } = JSON.parse(
    manifest?.body ?? "{}",
  );
  const [os, architecture, variant] = platform.split("/");
  const matching = manifests?.find(
    ({ platform: its }) =>
      its?.os === os && its?.architecture === architecture && (variant ?? its?.variant) === its?.variant,
  );
  const imageConfig: Descriptor | undefined = matching
    ? JSON.parse((await repository.manifest(matching.digest))?.body ?? "{}").config
    : config;
  const text = imageConfig && (await repository.blob(imageConfig.digest))?.toString();
  if (!manifest || !text) return undefined;
  return { digest: manifest.digest, layers: JSON.parse(text).rootfs?.diff_ids ?? [] };
}

/** Entry of an image index. */
type PlatformManifest = Descriptor & { platform?: Record<string, string> };

const unresolved = (name: string, candidates: readonly Candidate[]): string =>
  `the digest of the base image ${name} can't be determined:\n` +
  candidates.map(({ repository, problem }) => `    ${repository}: ${problem}\n`).join("") +
  `    Name it by its digest in the Dockerfile, FROM ${name}@sha256:…, and release that under a new name`;

/** Name as people write it: without Docker Hub's host. */
const familiarName = ({ host, path }: ImageReference): string =>
  host === "docker.io" ? path.replace(/^library\//, "") : `${host}/${path}`;
