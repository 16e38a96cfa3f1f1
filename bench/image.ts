import { parseReference } from "../image/reference.ts";
import { ImageRepository } from "../registry/repository.ts";

/** The fields of a manifest that matter here. */
interface Manifest {
  readonly manifests?: { digest: string; platform?: { architecture: string } }[];
  readonly layers?: { digest: string; size: number }[];
}

/** The layers of an image, by digest, with their compressed sizes in bytes. */
export async function layers(image: string): Promise<Map<string, number>> {
  const { tag, digest } = parseReference(image);
  const repository = new ImageRepository(image);
  const manifest = await repository.manifest(digest ?? tag ?? "latest");
  if (!manifest) throw new Error(`${image} is not in the registry`);
  const { manifests, layers: own = [] }: Manifest = JSON.parse(manifest.body);
  const platform = manifests?.find((one) => one.platform?.architecture === "amd64");
  if (platform) return layers(`${repository.name}@${platform.digest}`);
  return new Map(own.map(({ digest, size }) => [digest, size]));
}

/** Megabytes in the layers that one image has and the other does not. */
export async function megabytesOver(image: string, base: string): Promise<number> {
  const [ours, theirs] = [await layers(image), await layers(base)];
  const own = [...ours].filter(([digest]) => !theirs.has(digest));
  return own.reduce((sum, [, size]) => sum + size, 0) / 1e6;
}
