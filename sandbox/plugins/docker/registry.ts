import { createHash } from "node:crypto";
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";
import { http, https } from "../http.ts";
import type { Access } from "./credentials.ts";
import type { ImageReference } from "./reference.ts";

const timeoutMs = 15_000;

const manifestTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

type Answer = { status: number; headers: IncomingHttpHeaders; body: Buffer };

/**
 * Asks a registry which digest a tag points to now.
 * @param verifyTls whether the server's certificate must be one that this machine trusts
 * @throws one sentence: the registry cannot be reached, refuses the login, or has no such image
 */
export async function digestOf(image: ImageReference, access: Access, verifyTls: boolean): Promise<string> {
  const url = new URL(`/v2/${image.repository}/manifests/${image.version}`, access.origin);
  const basic = access.login && `Basic ${encode(access.login)}`;
  const ask = (authorization?: string) => get(url, { accept: manifestTypes, authorization }, verifyTls);
  let answer = await ask(basic);
  if (answer.status === 401) {
    const challenge = String(answer.headers["www-authenticate"] ?? "");
    if (/^bearer /i.test(challenge)) answer = await ask(`Bearer ${await fetchToken(challenge, basic, verifyTls)}`);
  }
  const name = `${image.repository}:${image.version}`;
  if (answer.status === 401 || answer.status === 403) {
    const login = access.login ? `the login "${access.login.username}"` : "a request without a login";
    throw new Error(`the registry at ${access.origin} refused ${login} for ${name} (status ${answer.status})`);
  }
  if (answer.status === 404) throw new Error(`the registry at ${access.origin} has no image ${name}`);
  if (answer.status !== 200) {
    throw new Error(`the registry at ${access.origin} answered with status ${answer.status} when asked for ${name}`);
  }
  const said = answer.headers["docker-content-digest"];
  return typeof said === "string" ? said : `sha256:${createHash("sha256").update(answer.body).digest("hex")}`;
}

/** Gets a token where the registry's challenge says: `Bearer realm="…",service="…",scope="…"`. */
async function fetchToken(challenge: string, basic: string | undefined, verifyTls: boolean): Promise<string> {
  const parameters = new Map(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [name, value]),
  );
  const url = new URL(parameters.get("realm") ?? "");
  for (const name of ["service", "scope"]) {
    const value = parameters.get(name);
    if (value !== undefined) url.searchParams.set(name, value);
  }
  const answer = await get(url, { authorization: basic }, verifyTls);
  if (answer.status !== 200)
    throw new Error(`the registry's login service at ${url.origin} answered with status ${answer.status}`);
  const { token, access_token } = JSON.parse(answer.body.toString()) as { token?: string; access_token?: string };
  return token ?? access_token ?? "";
}

function encode({ username, password }: { username: string; password: string }): string {
  return Buffer.from(`${username}:${password}`).toString("base64");
}

function get(url: URL, headers: { [name: string]: string | undefined }, verifyTls: boolean): Promise<Answer> {
  const present = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
  return new Promise((resolve, reject) => {
    const options = { headers: present as OutgoingHttpHeaders, rejectUnauthorized: verifyTls };
    const request = (url.protocol === "http:" ? http : https).get(url, options, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        clearTimeout(deadline);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
      });
    });
    const deadline = setTimeout(() => request.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
    request.on("error", (error) => {
      clearTimeout(deadline);
      reject(new Error(`the registry at ${url.origin} cannot be reached: ${error.message || String(error)}`));
    });
  });
}
