import { readFileSync } from "node:fs";
import { request as requestByHttp } from "node:http";
import { request as requestByHttps } from "node:https";
import type { LookupFunction } from "node:net";
import { text } from "node:stream/consumers";
import { cluster, paths } from "./paths.ts";

/** Response to `httpRequest`. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Resolves every host name to the sandbox's ingress, without /etc/hosts. */
const lookup: LookupFunction = (_host, { all }, callback) =>
  all ? callback(null, [{ address: cluster.nodeAddress, family: 4 }]) : callback(null, cluster.nodeAddress, 4);

/** Options of Node's https module that send requests to the sandbox's ingress and trust only its authority. */
export const ingressOptions = () => ({ lookup, ca: readFileSync(paths.ingressAuthority) });

/**
 * Sends one request, without following redirects. HTTPS requests go to the sandbox's ingress, and its certificate is verified.
 *
 * @param json value to send by POST @default a GET
 * @param seconds deadline
 * @throws Error if there is no response, or the certificate is not trusted
 */
export function httpRequest(address: string | URL, json?: unknown, seconds = 5): Promise<HttpResponse> {
  const url = new URL(address);
  const body = json === undefined ? undefined : JSON.stringify(json);
  const headers = body === undefined ? {} : { "content-type": "application/json" };
  const options = { method: body === undefined ? "GET" : "POST", headers, signal: AbortSignal.timeout(seconds * 1000) };
  return new Promise((resolve, reject) => {
    const sent =
      url.protocol === "https:"
        ? requestByHttps(url, { ...options, ...ingressOptions(), agent: false })
        : requestByHttp(url, options);
    sent.on("error", reject);
    sent.on("response", (response) => {
      const { statusCode: status = 0, headers } = response;
      text(response).then((body) => resolve({ status, headers, body }), reject);
    });
    sent.end(body);
  });
}

/** Instructions for opening pages behind the sandbox's ingress; empty if none of them is. */
export function openingInstructions(urls: readonly string[]): string {
  const hosts = urls.filter((url) => url.startsWith("https:")).map((url) => new URL(url).hostname);
  const [first] = hosts;
  if (first === undefined) return "";
  return `
Open ${hosts.length > 1 ? "them" : "it"} in a browser on this machine, once it trusts ${paths.ingressAuthority} and /etc/hosts has this line:
  ${cluster.nodeAddress} ${hosts.join(" ")}
Or without either:
  curl --cacert ${paths.ingressAuthority} --resolve ${first}:443:${cluster.nodeAddress} https://${first}/`;
}
