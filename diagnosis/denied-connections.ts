import type { V1Pod } from "@kubernetes/client-node";
import type { Evidence } from "./evidence.ts";
import type { Cause } from "./never-started.ts";

/** Failed connections, in the words of common languages and tools. Some engines drop what they deny, others refuse it. */
const failedConnection = new RegExp(
  [
    /\bconnect(ion|ing)?\b.{0,80}\btimed[ -]?out/,
    /\btimed out\b.{0,40}\bconnect/,
    /\bconnect\w*[ _-]?timeout/,
    /\bETIMEDOUT\b|\bNet::OpenTimeout\b|\bi\/o timeout\b/,
    /\bdial (tcp|udp)\b.*\bdeadline exceeded/,
    /\bconnection refused\b|\bECONNREFUSED\b/,
    /\bno route to host\b|\bEHOSTUNREACH\b|\bnetwork is unreachable\b|\bENETUNREACH\b/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "i",
);

/** Addresses of the pod itself, which no policy keeps from it. */
const itself = /\blocalhost\b|\b127\.0\.0\.1\b|\[::1\]|\b0\.0\.0\.0\b/;

/** Adds to a cause that a network policy may be behind it, if the last failed connection in a log is one that it would deny. */
export function orDenied({ outgoingDenied, logs, pods }: Evidence, cause: Cause): Cause {
  if (!outgoingDenied) return cause;
  const database = databaseIn(pods);
  const line = logs
    .flatMap(({ lines = [] }) => lines)
    .findLast((line) => failedConnection.test(line) && !itself.test(line) && !database?.test(line));
  if (line === undefined) return cause;
  return {
    cause: `${cause.cause}; it could not connect, its log says: ${line.trim()}`,
    remedy: `outgoing connections are allowed only by ${settingOf(pods[0])}, besides DNS and the database: add there where it connects to, as in mail:25, 10.0.0.0/8:5432 or internet:443; if it is there already, ${cause.remedy}`,
  };
}

/** Setting of the destinations of a pod: each process has its own. */
function settingOf(pod: V1Pod | undefined): string {
  const { "app.kubernetes.io/component": component, "app.kubernetes.io/name": name } = pod?.metadata?.labels ?? {};
  return component === "process" ? `slipway:processes.${name}.allowTo` : "slipway:web.allowTo";
}

/** Pattern of the addresses of the pods' own database, which a policy allows; undefined without a database. */
function databaseIn(pods: readonly V1Pod[]): RegExp | undefined {
  const variables = pods.flatMap(({ spec }) => spec?.containers.flatMap(({ env = [] }) => env) ?? []);
  const value = (variable: string) => variables.find(({ name }) => name === variable)?.value;
  const [host, port] = [value("PGHOST"), value("PGPORT")];
  return host === undefined ? undefined : new RegExp(`"${host}"|@${host}\\b|:${port}\\b|\\bport[ =]"?${port}\\b`);
}
