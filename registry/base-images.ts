import type { BaseImage } from "../image/dockerfile.ts";
import { type Descriptor, ImageRepository } from "./repository.ts";

/** Something that an image was made from, as a provenance record lists it. */
export interface Dependency {
  readonly name: string;
  /** https://github.com/package-url/purl-spec for images, `git+https://…` for source. */
  readonly uri?: string;
  readonly digest?: Readonly<Record<string, string>>;
  /** Where it was found. */
  readonly downloadLocation?: string;
  readonly annotations?: Readonly<Record<string, unknown>>;
}

/** What the digest of a base image rests on. */
export type Evidence =
  /** The Dockerfile itself names it. */
  | "pinned"
  /** The built image begins with its layers. */
  | "layers"
  /** The name pointed to it right after the build; nothing of it is left in the image that could prove more. */
  | "name";

/** The image that was built on them. */
export interface BuiltImage {
  readonly repository: ImageRepository;
  readonly digest: string;
  /** As in `linux/amd64`. */
  readonly platform: string;
}

/**
 * Finds base images by their digests. A builder does not tell which ones it took, and may have them from a mirror; so the
 * name is looked up in its own registry and in the one that the image is pushed to, and where the image begins with its
 * layers, only the digest that has just those counts. That may be an earlier one, where the name has moved since.
 *
 * @param hints what others have found; looked at, and not believed
 * @throws Error where a digest can't be found or is not the one that was built on, with what to write into the Dockerfile
 */
export async function baseDependencies(
  built: BuiltImage,
  bases: readonly BaseImage[],
  hints: readonly Dependency[] = [],
): Promise<Dependency[]> {
  const layers = await layersOf(built.repository, built.digest, built.platform);
  return Promise.all(
    bases.map((base) => {
      const earlier = base.underneath ? hints.filter(({ name }) => name === base.name) : [];
      const digests = earlier.flatMap(({ digest }) => (digest?.sha256 ? [`sha256:${digest.sha256}`] : []));
      return dependency(base, built, layers?.layers ?? [], [...new Set(digests)]);
    }),
  );
}

interface Found {
  readonly place: string;
  readonly digest?: string;
  readonly layers: readonly string[];
  readonly problem?: string;
}

async function dependency(
  base: BaseImage,
  built: BuiltImage,
  layers: readonly string[],
  earlier: readonly string[],
): Promise<Dependency> {
  const { host, path, tag, digest } = parseReference(base.name);
  const named = { name: base.name, uri: `pkg:docker/${familiar(host, path)}@${tag ?? digest}` };
  const said = (evidence: Evidence) => ({ annotations: { evidence } });
  if (digest) return { ...named, digest: { sha256: digest.replace("sha256:", "") }, ...said("pinned") };
  const repositories = [...new Set([`${host}/${path}`, `${built.repository.host}/${path}`])];
  const references = [tag ?? "latest", ...earlier];
  const found = await Promise.all(
    references.flatMap((reference) => repositories.map((place) => lookUp(place, reference, built))),
  );
  const one = found.find((each) => each.digest && (!base.underneath || beginsWith(layers, each.layers)));
  if (!one?.digest) throw new Error(unknown(base.name, found));
  return {
    ...named,
    digest: { sha256: one.digest.replace("sha256:", "") },
    downloadLocation: `${one.place}@${one.digest}`,
    ...said(base.underneath ? "layers" : "name"),
  };
}

async function lookUp(place: string, reference: string, { repository, platform }: BuiltImage): Promise<Found> {
  const there = repository.host === place.split("/")[0] ? repository.beside(place) : new ImageRepository(place);
  try {
    const found = await layersOf(there, reference, platform);
    if (!found) return { place, layers: [], problem: `there is no ${reference} for ${platform}` };
    return { place, ...found, problem: `${found.digest}, but the image does not begin with its layers` };
  } catch (error) {
    return { place, layers: [], problem: (error as Error).message };
  }
}

const beginsWith = (layers: readonly string[], first: readonly string[]): boolean =>
  first.length > 0 && first.every((layer, place) => layers[place] === layer);

/** The layers of an image for a platform, by the digests that they have unpacked: compressing them anew changes nothing. */
async function layersOf(
  repository: ImageRepository,
  reference: string,
  platform: string,
): Promise<{ digest: string; layers: string[] } | undefined> {
  const found = await repository.manifest(reference);
  const top: { manifests?: (Descriptor & { platform?: Record<string, string> })[]; config?: Descriptor } = JSON.parse(
    found?.body ?? "{}",
  );
  const [os, architecture, variant] = platform.split("/");
  const one = top.manifests?.find(
    ({ platform: its }) =>
      its?.os === os && its?.architecture === architecture && (variant ?? its?.variant) === its?.variant,
  );
  const config: Descriptor | undefined = one
    ? JSON.parse((await repository.manifest(one.digest))?.body ?? "{}").config
    : top.config;
  const text = config && (await repository.document(config.digest));
  if (!found || !text) return undefined;
  return { digest: found.digest, layers: JSON.parse(text).rootfs?.diff_ids ?? [] };
}

const unknown = (name: string, found: readonly Found[]): string =>
  `the digest of the base image ${name} can't be told:\n` +
  found.map(({ place, problem }) => `    ${place}: ${problem}\n`).join("") +
  `    Name it by its digest in the Dockerfile, FROM ${name}@sha256:…, and release that under a new name`;

/** https://github.com/distribution/reference: the first part is a registry where it could not be a folder. */
function parseReference(name: string): { host: string; path: string; tag?: string; digest?: string } {
  const [, tagged = "", digest] = /^([^@]*)(?:@(.*))?$/.exec(name) ?? [];
  const [, rest = "", tag] = /^(.*?)(?::([^/:]*))?$/.exec(tagged) ?? [];
  const [first = "", ...others] = rest.split("/");
  if (others.length > 0 && (/[.:]/.test(first) || first === "localhost"))
    return { host: first, path: others.join("/"), tag, digest };
  return { host: "docker.io", path: others.length > 0 ? rest : `library/${rest}`, tag, digest };
}

const familiar = (host: string, path: string): string =>
  host === "docker.io" ? path.replace(/^library\//, "") : `${host}/${path}`;
