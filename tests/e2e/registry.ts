import { createHash } from "node:crypto";

/** A manifest as the registry has it. */
export interface Manifest {
  readonly type: string;
  readonly body: string;
}

const types = ["application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.manifest.v1+json"];

/** The sandbox's registry, as far as one repository goes. */
export class Repository {
  readonly #url: string;

  /** @param name with the registry's address in front */
  constructor(name: string) {
    const [host, ...path] = name.split("/");
    this.#url = `http://${host}/v2/${path.join("/")}`;
  }

  async pull(tag: string): Promise<Manifest> {
    const response = await fetch(`${this.#url}/manifests/${tag}`, { headers: { accept: types.join(", ") } });
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
    return { type: response.headers.get("content-type") ?? "", body: await response.text() };
  }

  /** A blob's bytes. */
  async blob(digest: string): Promise<Buffer> {
    const response = await fetch(`${this.#url}/blobs/${digest}`);
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
    return Buffer.from(await response.arrayBuffer());
  }

  async digest(tag: string): Promise<string> {
    return `sha256:${createHash("sha256")
      .update((await this.pull(tag)).body)
      .digest("hex")}`;
  }

  /** Gives a tag to a manifest, whatever it pointed to before; the manifest's digest. */
  async push(tag: string, { type, body }: Manifest): Promise<string> {
    const request = { method: "PUT", headers: { "content-type": type }, body };
    const response = await fetch(`${this.#url}/manifests/${tag}`, request);
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
    return response.headers.get("docker-content-digest") ?? "";
  }

  /** Every tag with the digest that it points to. */
  async tags(): Promise<Record<string, string>> {
    const { tags } = (await (await fetch(`${this.#url}/tags/list`)).json()) as { tags: string[] };
    const digests = tags.sort().map(async (tag) => [tag, await this.digest(tag)]);
    return Object.fromEntries(await Promise.all(digests));
  }
}
