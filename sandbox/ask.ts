import { readFileSync } from "node:fs";
import { request as requestByHttp } from "node:http";
import { request as requestByHttps } from "node:https";
import type { LookupFunction } from "node:net";
import { text } from "node:stream/consumers";
import { cluster, paths } from "./paths.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Takes every host name for the sandbox's ingress: /etc/hosts stays as it is. */
const lookup: LookupFunction = (_host, { all }, callback) =>
  all ? callback(null, [{ address: cluster.nodeAddress, family: 4 }]) : callback(null, cluster.nodeAddress, 4);

/** Options of Node's https module with which a host is asked of the sandbox's ingress, and its certificate checked. */
export const byIngress = () => ({ lookup, ca: readFileSync(paths.ingressAuthority) });

/**
 * Sends one request, and follows no redirect. A host by https is asked of the sandbox's ingress, and its certificate has to be
 * signed by the sandbox's issuer and to name the host.
 *
 * @param json to send by POST; default: a GET
 * @param seconds to wait for an answer
 * @throws where there is no answer, or none that can be trusted
 */
export function ask(address: string | URL, json?: unknown, seconds = 5): Promise<Answer> {
  const url = new URL(address);
  const body = json === undefined ? undefined : JSON.stringify(json);
  const headers = body === undefined ? {} : { "content-type": "application/json" };
  const options = { method: body === undefined ? "GET" : "POST", headers, signal: AbortSignal.timeout(seconds * 1000) };
  return new Promise((resolve, reject) => {
    const sent =
      url.protocol === "https:"
        ? requestByHttps(url, { ...options, ...byIngress(), agent: false })
        : requestByHttp(url, options);
    sent.on("error", reject);
    sent.on("response", (response) => {
      const { statusCode: status = 0, headers } = response;
      text(response).then((body) => resolve({ status, headers, body }), reject);
    });
    sent.end(body);
  });
}

/** How to open pages that the sandbox's ingress serves; empty where it serves none of them. */
export function howToOpen(urls: readonly string[]): string {
  const hosts = urls.filter((url) => url.startsWith("https:")).map((url) => new URL(url).hostname);
  const [first] = hosts;
  if (first === undefined) return "";
  return `
Open ${hosts.length > 1 ? "them" : "it"} in a browser on this machine, once it trusts ${paths.ingressAuthority} and /etc/hosts has this line:
  ${cluster.nodeAddress} ${hosts.join(" ")}
Or without either:
  curl --cacert ${paths.ingressAuthority} --resolve ${first}:443:${cluster.nodeAddress} https://${first}/`;
}
