import { ImageRepository } from "../registry/repository.ts";

/** Part of an image's manifest or index. */
interface Manifest {
  readonly manifests?: { digest: string; platform?: { architecture: string } }[];
  readonly layers?: { digest: string; size: number }[];
}

/** Layers of an image for amd64: digests with their compressed sizes in bytes. */
async function layers(image: string): Promise<Map<string, number>> {
  const [, repository = "", reference = ""] = /^([^@]+?)[:@]((?:sha256:)?[^:/]+)$/.exec(image) ?? [];
  const manifest = await new ImageRepository(repository).manifest(reference);
  if (!manifest) throw new Error(`the registry has no image ${image}`);
  const { manifests, layers: own = [] } = JSON.parse(manifest.body) as Manifest;
  const platform = manifests?.find((each) => each.platform?.architecture === "amd64");
  if (platform) return layers(`${repository}@${platform.digest}`);
  return new Map(own.map(({ digest, size }) => [digest, size]));
}

/** Megabytes in the layers of one image that another does not have. */
export async function megabytesOver(image: string, base: string): Promise<number> {
  const [all, shared] = [await layers(image), await layers(base)];
  const own = [...all].filter(([digest]) => !shared.has(digest));
  return own.reduce((sum, [, size]) => sum + size, 0) / 1e6;
}
