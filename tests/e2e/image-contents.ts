import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { ImageRepository } from "../../registry/repository.ts";
import { pull, tags } from "./registry.ts";

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
}

interface Manifest {
  readonly manifests?: readonly Descriptor[];
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[];
}

/**
 * Everything that a registry has of a repository: the manifests of all tags, what they point to (configuration, layers,
 * attached documents), each unpacked.
 *
 * @param name of the repository, with the registry's address in front
 */
export async function* imageContents(name: string): AsyncGenerator<[what: string, content: Buffer]> {
  const repository = new ImageRepository(name);
  const seen = new Set<string>();
  const open = Object.entries(await tags(repository)).map(([tag, digest]) => ({ what: tag, digest }));
  for (let next = open.pop(); next; next = open.pop()) {
    if (seen.has(next.digest)) continue;
    seen.add(next.digest);
    const { body } = await pull(repository, next.digest);
    yield [`manifest ${next.what}`, Buffer.from(body)];
    const { manifests = [], config, layers = [] } = JSON.parse(body) as Manifest;
    for (const { digest } of manifests) open.push({ what: digest, digest });
    for (const { mediaType, digest } of [...(config ? [config] : []), ...layers]) {
      if (seen.has(digest)) continue;
      seen.add(digest);
      yield [`${mediaType} ${digest}`, unpacked((await repository.blob(digest)) ?? Buffer.alloc(0), mediaType)];
    }
  }
}

const unpacked = (blob: Buffer, mediaType: string): Buffer => {
  if (mediaType.endsWith("zstd")) return zstdDecompressSync(blob);
  return mediaType.endsWith("gzip") ? gunzipSync(blob) : blob;
};
