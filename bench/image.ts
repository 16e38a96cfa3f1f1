/** A manifest as the registry tells it, as far as it matters here. */
interface Manifest {
  readonly manifests?: { digest: string; platform?: { architecture: string } }[];
  readonly layers?: { digest: string; size: number }[];
}

const types = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];

/** The layers of an image in the sandbox's registry: their digests, each with its compressed size in bytes. */
export async function layers(image: string): Promise<Map<string, number>> {
  const [, repository = "", reference = ""] = /^localhost:5000\/([^:@]+)[:@](.+)$/.exec(image) ?? [];
  const response = await fetch(`http://localhost:5000/v2/${repository}/manifests/${reference}`, {
    headers: { accept: types.join(", ") },
  });
  if (!response.ok) throw new Error(`${image}: ${response.status} ${await response.text()}`);
  const manifest = (await response.json()) as Manifest;
  const platform = manifest.manifests?.find((one) => one.platform?.architecture === "amd64");
  if (platform) return layers(`localhost:5000/${repository}@${platform.digest}`);
  return new Map((manifest.layers ?? []).map(({ digest, size }) => [digest, size]));
}

/** Megabytes in the layers of one image that the other does not have. */
export async function megabytesOver(image: string, base: string): Promise<number> {
  const [ours, theirs] = [await layers(image), await layers(base)];
  const own = [...ours].filter(([digest]) => !theirs.has(digest));
  return own.reduce((sum, [, size]) => sum + size, 0) / 1e6;
}
