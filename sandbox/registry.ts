import { cluster } from "./paths.ts";

const manifestTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/** The digest that a tag in the sandbox's registry points to; undefined if there is no such tag. @throws if the registry is down */
export async function digestOf(repository: string, tag: string): Promise<string | undefined> {
  const response = await fetch(`http://${cluster.registry}/v2/${repository}/manifests/${tag}`, {
    method: "HEAD",
    headers: { accept: manifestTypes },
  });
  return response.ok ? (response.headers.get("docker-content-digest") ?? undefined) : undefined;
}

/** Whether official images can be pulled from where they are published. Waits three seconds at most. */
export async function officialImagesReachable(): Promise<boolean> {
  try {
    // 401 is the usual answer to a visitor who has not logged in yet.
    const response = await fetch("https://registry-1.docker.io/v2/", { signal: AbortSignal.timeout(3000) });
    await response.body?.cancel();
    return response.status === 401 || response.ok;
  } catch {
    return false;
  }
}
