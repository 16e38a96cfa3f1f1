import type { ImageRepository, Manifest } from "../../registry/repository.ts";

/** Reads a manifest. @throws Error if it does not exist */
export async function pull(repository: ImageRepository, reference: string): Promise<Manifest> {
  const manifest = await repository.manifest(reference);
  if (!manifest) throw new Error(`${repository.name} has no ${reference}`);
  return manifest;
}

/** Digests by tag of a repository in the sandbox's registry. */
export async function tags(repository: ImageRepository): Promise<Record<string, string>> {
  const { host, name } = repository;
  const response = await fetch(`http://${host}/v2/${name.slice(host.length + 1)}/tags/list`);
  const { tags } = (await response.json()) as { tags: string[] };
  const digests = tags.sort().map(async (tag) => [tag, (await pull(repository, tag)).digest]);
  return Object.fromEntries(await Promise.all(digests));
}
