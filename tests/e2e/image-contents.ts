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
 * Unpacked contents of a repository in the registry: the manifests of all tags, their configurations, layers and attached documents.
 *
 * @param name of the repository, with the registry's address
 */
export async function* imageContents(name: string): AsyncGenerator<[name: string, content: Buffer]> {
  const repository = new ImageRepository(name);
  const seen = new Set<string>();
  const pending = Object.entries(await tags(repository)).map(([tag, digest]) => ({ name: tag, digest }));
  for (let next = pending.pop(); next; next = pending.pop()) {
    if (seen.has(next.digest)) continue;
    seen.add(next.digest);
    const { body } = await pull(repository, next.digest);
    yield [`manifest ${next.name}`, Buffer.from(body)];
    const { manifests = [], config, layers = [] } = JSON.parse(body) as Manifest;
    for (const { digest } of manifests) pending.push({ name: digest, digest });
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
