import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { imageManifest } from "../../registry/repository.ts";
import { searchPath } from "../../sandbox/paths.ts";

/** A real registry for one test, empty at first. */
export class RegistryProcess {
  /** As in `localhost:40123`. */
  address = "";
  readonly #folder = mkdtempSync(join(tmpdir(), "slipway-registry-"));
  #process: ChildProcess | undefined;

  async start(): Promise<void> {
    const port = await freePort();
    this.address = `localhost:${port}`;
    const configuration = {
      version: "0.1",
      log: { level: "error", accesslog: { disabled: true } },
      storage: { filesystem: { rootdirectory: this.#folder }, delete: { enabled: true } },
      http: { addr: `127.0.0.1:${port}` },
    };
    const path = join(this.#folder, "registry.yaml");
    writeFileSync(path, JSON.stringify(configuration));
    this.#process = spawn("docker-registry", ["serve", path], {
      stdio: "ignore",
      env: { ...process.env, PATH: searchPath() },
    });
    const answers = () =>
      fetch(`http://${this.address}/v2/`).then(
        ({ ok }) => ok,
        () => false,
      );
    for (const deadline = Date.now() + 8000; !(await answers()); ) {
      if (Date.now() > deadline) throw new Error("docker-registry does not answer");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  stop(): void {
    this.#process?.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /**
   * Pushes an image.
   *
   * @param layers compressed archives, or none
   * @param diffIds digests of the layers as they are unpacked
   * @returns its digest
   */
  async image(
    repository: string,
    layers: { mediaType: string; content: Buffer }[] = [],
    tag?: string,
    diffIds: string[] = [],
  ): Promise<string> {
    const configuration = { architecture: "amd64", os: "linux", rootfs: { type: "layers", diff_ids: diffIds } };
    const config = await this.blob(repository, Buffer.from(JSON.stringify(configuration)));
    const pushed = layers.map(async ({ mediaType, content }) => ({
      ...(await this.blob(repository, content)),
      mediaType,
    }));
    const manifest = {
      ...{ schemaVersion: 2, mediaType: imageManifest },
      config: { mediaType: "application/vnd.oci.image.config.v1+json", ...config },
      layers: await Promise.all(pushed),
    };
    const body = JSON.stringify(manifest);
    const url = `http://${this.address}/v2/${repository}/manifests/${tag ?? digestOf(body)}`;
    const response = await fetch(url, { method: "PUT", headers: { "content-type": imageManifest }, body });
    if (!response.ok) throw new Error(await response.text());
    return digestOf(body);
  }

  async blob(repository: string, content: Buffer): Promise<{ digest: string; size: number }> {
    const digest = digestOf(content);
    const begun = await fetch(`http://${this.address}/v2/${repository}/blobs/uploads/`, { method: "POST" });
    const target = new URL(begun.headers.get("location") ?? "");
    target.searchParams.set("digest", digest);
    const headers = { "content-type": "application/octet-stream" };
    const response = await fetch(target, { method: "PUT", headers, body: new Uint8Array(content) });
    if (!response.ok) throw new Error(await response.text());
    return { digest, size: content.length };
  }

  /** Puts other bytes where the registry keeps a document, as only who has its disk can. */
  overwrite(digest: string, content: string): void {
    const hash = digest.replace("sha256:", "");
    writeFileSync(join(this.#folder, "docker/registry/v2/blobs/sha256", hash.slice(0, 2), hash, "data"), content);
  }

  /** Deletes a manifest. */
  async delete(repository: string, digest: string): Promise<void> {
    const response = await fetch(`http://${this.address}/v2/${repository}/manifests/${digest}`, { method: "DELETE" });
    if (!response.ok) throw new Error(await response.text());
  }
}

const digestOf = (content: string | Buffer) => `sha256:${createHash("sha256").update(content).digest("hex")}`;

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
