import { createHash } from "node:crypto";
import { dockerLogin, type Login } from "./login.ts";

/** A manifest, and what it is known by. */
export interface Manifest {
  readonly mediaType: string;
  readonly digest: string;
  readonly body: string;
}

/** What one manifest says of another thing in the registry. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly artifactType?: string;
}

/** Media types of the registry's own documents. */
export const imageManifest = "application/vnd.oci.image.manifest.v1+json";
export const imageIndex = "application/vnd.oci.image.index.v1+json";

const manifestTypes = [
  imageIndex,
  imageManifest,
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/** Seconds that one request may take: no layer is ever among them. */
const patience = 15;

/** Docker Hub is known under another name than the one that it answers to, and keeps its logins under a third. */
const dockerHub = { name: "docker.io", address: "registry-1.docker.io", login: "https://index.docker.io/v1/" };

/** A repository of a registry, over the registry's own HTTP API. Plain HTTP on this machine, HTTPS everywhere else. */
export class ImageRepository {
  /** Of the registry, with its port where it has one. */
  readonly host: string;
  /** With the registry's address in front. */
  readonly name: string;
  readonly #url: string;
  readonly #given: Login | undefined;
  readonly #login: Promise<Login | undefined>;
  #authorization: string | undefined;

  /**
   * @param name with the registry's address in front, as in `registry.example.com/team/app`
   * @param login default: as `docker login` left it
   */
  constructor(name: string, login?: Login) {
    const [host = "", ...path] = name.split("/");
    const hub = host === dockerHub.name ? dockerHub : undefined;
    this.host = host;
    this.name = name;
    this.#url = `${isLocal(host) ? "http" : "https"}://${hub?.address ?? host}/v2/${path.join("/")}`;
    this.#given = login;
    this.#login = login ? Promise.resolve(login) : dockerLogin(hub?.login ?? host);
  }

  /** Another repository of the same registry, with the same login. */
  beside(name: string): ImageRepository {
    return new ImageRepository(name, this.#given);
  }

  /** @param reference a tag or a digest; undefined where the registry has no such manifest, or another under that digest */
  async manifest(reference: string): Promise<Manifest | undefined> {
    const response = await this.#request("GET", `/manifests/${reference}`, { headers: { accept: manifestTypes } });
    if (response.status === 404) return undefined;
    const body = await (await this.#accepted(response, `manifest ${reference}`)).text();
    const digest = sha256(body);
    if (reference.startsWith("sha256:") && reference !== digest) return undefined;
    return { mediaType: response.headers.get("content-type") ?? imageManifest, digest, body };
  }

  /** @returns whether the registry keeps track of subjects itself; where it does not, a tag has to name what refers to them */
  async pushManifest(reference: string, mediaType: string, body: string): Promise<boolean> {
    const path = `/manifests/${reference}`;
    const response = await this.#request("PUT", path, { headers: { "content-type": mediaType }, body });
    await this.#accepted(response, `manifest ${reference}`);
    return response.headers.has("oci-subject");
  }

  /** What refers to a digest, as the registry's own list has it; undefined where it keeps none. */
  async referrers(digest: string): Promise<Descriptor[] | undefined> {
    const response = await this.#request("GET", `/referrers/${digest}`, { headers: { accept: imageIndex } });
    // 404 is what the specification asks of a registry without that list, the others are what some answer.
    if ([400, 404, 405].includes(response.status)) return undefined;
    const { manifests = [] } = await (await this.#accepted(response, `referrers of ${digest}`)).json();
    return manifests;
  }

  /** A document that is kept as a blob; undefined where the registry has lost it, or holds something else under its digest. */
  async document(digest: string): Promise<string | undefined> {
    const response = await this.#request("GET", `/blobs/${digest}`);
    if (response.status === 404) return undefined;
    const content = await (await this.#accepted(response, `blob ${digest}`)).text();
    return sha256(content) === digest ? content : undefined;
  }

  /** Pushes bytes that the registry may have already. */
  async pushBlob(content: string): Promise<Descriptor> {
    const digest = sha256(content);
    const descriptor = { mediaType: "application/octet-stream", digest, size: Buffer.byteLength(content) };
    if ((await this.#request("HEAD", `/blobs/${digest}`)).ok) return descriptor;
    const begun = await this.#accepted(await this.#request("POST", "/blobs/uploads/"), "an upload");
    const target = new URL(begun.headers.get("location") ?? "", `${this.#url}/`);
    target.searchParams.set("digest", digest);
    const headers = { "content-type": "application/octet-stream" };
    await this.#accepted(await this.#request("PUT", target.href, { headers, body: content }), `blob ${digest}`);
    return descriptor;
  }

  /** Logs in when the registry asks for it, and as it asks for it; once for all requests. */
  async #request(method: string, path: string, init: RequestInit = {}): Promise<Response> {
    const url = path.startsWith("/") ? this.#url + path : path;
    const ask = () =>
      fetch(url, {
        ...{ ...init, method, signal: AbortSignal.timeout(patience * 1000) },
        headers: { ...init.headers, ...(this.#authorization && { authorization: this.#authorization }) },
      });
    try {
      const response = await ask();
      const challenge = response.headers.get("www-authenticate");
      if (response.status !== 401 || !challenge) return response;
      await response.body?.cancel();
      this.#authorization = await this.#answerTo(challenge);
      return await ask();
    } catch (error) {
      const { cause, message } = error as Error;
      throw new Error(`the registry ${this.host} can't be reached: ${(cause as Error)?.message || message}`);
    }
  }

  async #answerTo(challenge: string): Promise<string | undefined> {
    const login = await this.#login;
    const basic = login && `Basic ${Buffer.from(`${login.username}:${login.password}`).toString("base64")}`;
    if (!/^bearer /i.test(challenge)) return basic;
    const asked = new Map(
      [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [name, value]),
    );
    const url = new URL(asked.get("realm") ?? "");
    url.searchParams.set("service", asked.get("service") ?? "");
    // Asked for once: whoever may push may read, and who may only read is given no more than that.
    url.searchParams.set("scope", (asked.get("scope") ?? "").replace(/:pull$/, ":pull,push"));
    const headers = basic ? { authorization: basic } : undefined;
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(patience * 1000) });
    if (!response.ok) return undefined;
    const { token, access_token } = (await response.json()) as { token?: string; access_token?: string };
    return `Bearer ${token ?? access_token}`;
  }

  async #accepted(response: Response, what: string): Promise<Response> {
    if (response.ok) return response;
    const said = (await response.text()).trim().slice(0, 200);
    throw new Error(`the registry ${this.host} refused ${what}: ${response.status} ${said}`);
  }
}

/** Whether a registry is one of this machine's own, which is spoken to in plain HTTP. */
export const isLocal = (host: string): boolean => /^(localhost|127\.0\.0\.1)(:|$)/.test(host);

/** The digest of a document or a blob. */
export const sha256 = (content: string): string => `sha256:${createHash("sha256").update(content).digest("hex")}`;
