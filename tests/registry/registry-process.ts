import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ImageRepository, imageManifest, sha256 } from "../../registry/repository.ts";
import { eventually } from "../../sandbox/eventually.ts";
import { searchPath } from "../../sandbox/paths.ts";

/** A real, empty registry for one test. */
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
    const env = { ...process.env, PATH: searchPath() };
    this.#process = spawn("docker-registry", ["serve", path], { stdio: "ignore", env });
    await eventually(() => fetch(`http://${this.address}/v2/`), 8, { pause: 20 });
  }

  stop(): void {
    this.#process?.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  repository(name: string): ImageRepository {
    return new ImageRepository(`${this.address}/${name}`);
  }

  /**
   * Pushes an image.
   *
   * @param layers compressed archives
   * @param diffIds digests of the uncompressed layers
   * @returns its digest
   */
  async image(
    name: string,
    layers: { mediaType: string; content: Buffer<ArrayBuffer> }[] = [],
    tag?: string,
    diffIds: string[] = [],
  ): Promise<string> {
    const repository = this.repository(name);
    const push = async (mediaType: string, content: string | Buffer<ArrayBuffer>) => ({
      ...(await repository.pushBlob(content)),
      mediaType,
    });
    const configuration = { architecture: "amd64", os: "linux", rootfs: { type: "layers", diff_ids: diffIds } };
    const body = JSON.stringify({
      schemaVersion: 2,
      mediaType: imageManifest,
      config: await push("application/vnd.oci.image.config.v1+json", JSON.stringify(configuration)),
      layers: await Promise.all(layers.map(({ mediaType, content }) => push(mediaType, content))),
    });
    await repository.pushManifest(tag ?? sha256(body), imageManifest, body);
    return sha256(body);
  }

  /** Replaces a blob or manifest on the registry's disk. */
  overwrite(digest: string, content: string): void {
    const hash = digest.replace("sha256:", "");
    writeFileSync(join(this.#folder, "docker/registry/v2/blobs/sha256", hash.slice(0, 2), hash, "data"), content);
  }

  /** Deletes a manifest. */
  async delete(name: string, digest: string): Promise<void> {
    const response = await fetch(`http://${this.address}/v2/${name}/manifests/${digest}`, { method: "DELETE" });
    if (!response.ok) throw new Error(await response.text());
  }
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
