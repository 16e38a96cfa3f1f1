import { createHash } from "node:crypto";
import { parseReference } from "../image/reference.ts";
import { dockerLogin, type Login } from "./login.ts";

export interface Manifest {
  readonly mediaType: string;
  readonly digest: string;
  readonly body: string;
}

/** Reference from a manifest to another manifest or a blob. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly artifactType?: string;
}

/** Bytes of a manifest or blob. */
type Content = string | Uint8Array<ArrayBuffer>;

export const imageManifest = "application/vnd.oci.image.manifest.v1+json";
export const imageIndex = "application/vnd.oci.image.index.v1+json";

const manifestTypes = [
  imageIndex,
  imageManifest,
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/** Milliseconds for one request; none transfers a large layer. */
const requestTimeout = 15_000;

/** Docker Hub answers at another address than its name, and `docker login` stores its login under a third. */
const dockerHub = { name: "docker.io", address: "registry-1.docker.io", login: "https://index.docker.io/v1/" };

/**
 * Client for one repository, over the registry's HTTP API. Uses HTTP on this machine, otherwise HTTPS.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md
 */
export class ImageRepository {
  /** Registry's host, with its port if there is one. */
  readonly host: string;
  /** Name with the registry's host in front. */
  readonly name: string;
  readonly #url: string;
  readonly #login: Login | undefined;
  #authorization: string | undefined;

  /**
   * @param name of the repository or of an image in it, as in `registry.example.com/team/app`
   * @param login default: the one that `docker login` stored
   */
  constructor(name: string, login?: Login) {
    const { host, path } = parseReference(name);
    const address = host === dockerHub.name ? dockerHub.address : host;
    this.host = host;
    this.name = `${host}/${path}`;
    this.#url = `${isLocal(host) ? "http" : "https"}://${address}/v2/${path}`;
    this.#login = login;
  }

  /** Another repository of the same registry, with the same login. */
  sibling(name: string): ImageRepository {
    return new ImageRepository(name, this.#login);
  }

  /**
   * Reads a manifest.
   *
   * @param reference a tag or a digest
   * @returns undefined if the registry has no such manifest, or another one under that digest
   */
  async manifest(reference: string): Promise<Manifest | undefined> {
    const response = await this.#request("GET", `/manifests/${reference}`, { headers: { accept: manifestTypes } });
    if (response.status === 404) return undefined;
    const body = await (await this.#requireOk(response, `manifest ${reference}`)).text();
    const digest = sha256(body);
    if (reference.startsWith("sha256:") && reference !== digest) return undefined;
    return { mediaType: response.headers.get("content-type") ?? imageManifest, digest, body };
  }

  /**
   * Pushes a manifest.
   *
   * @returns whether the registry lists the manifest's subject itself; if not, a tag has to
   */
  async pushManifest(reference: string, mediaType: string, body: string): Promise<boolean> {
    const path = `/manifests/${reference}`;
    const response = await this.#request("PUT", path, { headers: { "content-type": mediaType }, body });
    await this.#requireOk(response, `manifest ${reference}`);
    return response.headers.has("oci-subject");
  }

  /** The registry's list of manifests that refer to a digest; undefined if it has no such lists. */
  async referrers(digest: string): Promise<Descriptor[] | undefined> {
    const response = await this.#request("GET", `/referrers/${digest}`, { headers: { accept: imageIndex } });
    // The specification asks for 404; some registries answer with the others.
    if ([400, 404, 405].includes(response.status)) return undefined;
    const { manifests = [] } = await (await this.#requireOk(response, `referrers of ${digest}`)).json();
    return manifests;
  }

  /** Reads a blob; undefined if the registry lost it, or has other bytes under its digest. */
  async blob(digest: string): Promise<Buffer | undefined> {
    const response = await this.#request("GET", `/blobs/${digest}`);
    if (response.status === 404) return undefined;
    const content = Buffer.from(await (await this.#requireOk(response, `blob ${digest}`)).arrayBuffer());
    return sha256(content) === digest ? content : undefined;
  }

  /** Pushes a blob, unless the registry has it already. */
  async pushBlob(content: Content): Promise<Descriptor> {
    const digest = sha256(content);
    const descriptor = { mediaType: "application/octet-stream", digest, size: Buffer.byteLength(content) };
    if ((await this.#request("HEAD", `/blobs/${digest}`)).ok) return descriptor;
    const upload = await this.#requireOk(await this.#request("POST", "/blobs/uploads/"), "an upload");
    const target = new URL(upload.headers.get("location") ?? "", `${this.#url}/`);
    target.searchParams.set("digest", digest);
    const headers = { "content-type": "application/octet-stream" };
    await this.#requireOk(await this.#request("PUT", target.href, { headers, body: content }), `blob ${digest}`);
    return descriptor;
  }

  /** Sends a request. Logs in when the registry first asks for it. */
  async #request(method: string, path: string, init: RequestInit = {}): Promise<Response> {
    const url = path.startsWith("/") ? this.#url + path : path;
    const send = () =>
      fetch(url, {
        ...init,
        method,
        signal: AbortSignal.timeout(requestTimeout),
        headers: { ...init.headers, ...(this.#authorization && { authorization: this.#authorization }) },
      });
    try {
      const response = await send();
      const challenge = response.headers.get("www-authenticate");
      if (response.status !== 401 || !challenge) return response;
      await response.body?.cancel();
      this.#authorization = await this.#authorize(challenge);
      return await send();
    } catch (error) {
      const { cause, message } = error as Error;
      throw new Error(`the registry ${this.host} can't be reached: ${(cause as Error)?.message || message}`);
    }
  }

  /** The `authorization` header that a challenge asks for. */
  async #authorize(challenge: string): Promise<string | undefined> {
    const login = this.#login ?? (await dockerLogin(this.host === dockerHub.name ? dockerHub.login : this.host));
    const basic = login && `Basic ${Buffer.from(`${login.username}:${login.password}`).toString("base64")}`;
    if (!/^bearer /i.test(challenge)) return basic;
    const parameters = new Map(
      [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [name, value]),
    );
    const url = new URL(parameters.get("realm") ?? "");
    url.searchParams.set("service", parameters.get("service") ?? "");
    // One token for all requests: a login that may only pull gets no more than that.
    url.searchParams.set("scope", (parameters.get("scope") ?? "").replace(/:pull$/, ":pull,push"));
    const headers = basic ? { authorization: basic } : undefined;
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(requestTimeout) });
    if (!response.ok) return undefined;
    const { token, access_token } = (await response.json()) as { token?: string; access_token?: string };
    return `Bearer ${token ?? access_token}`;
  }

  async #requireOk(response: Response, what: string): Promise<Response> {
    if (response.ok) return response;
    const reason = (await response.text()).trim().slice(0, 200);
    throw new Error(`the registry ${this.host} refused ${what}: ${response.status} ${reason}`);
  }
}

/** Whether a registry runs on this machine, and so uses HTTP. */
export const isLocal = (host: string): boolean => /^(localhost|127\.0\.0\.1)(:|$)/.test(host);

/** The digest of a manifest or blob. */
export const sha256 = (content: Content): string => `sha256:${createHash("sha256").update(content).digest("hex")}`;
