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
  const database = databaseOf(pods);
  const toDatabase = (line: string) => database?.addresses.test(line) ?? false;
  const line = logs
    .flatMap(({ lines = [] }) => lines)
    .findLast(
      (line) =>
        failedConnection.test(line) && !itself.test(line) && !(toDatabase(line) && database?.isElsewhere === false),
    );
  if (line === undefined) return cause;
  const remedy = toDatabase(line)
    ? "the server of the database is reached only at slipway:database.external.addresses: add its addresses there"
    : `outgoing connections are allowed only by ${settingOf(pods[0])}, besides DNS and the database: add there where it connects to, as in mail:25, 10.0.0.0/8:5432 or internet:443`;
  return {
    cause: `${cause.cause}; it could not connect, its log says: ${line.trim()}`,
    remedy: `${remedy}; if it is there already, ${cause.remedy}`,
  };
}

/** Setting of the destinations of a pod: each process has its own. */
function settingOf(pod: V1Pod | undefined): string {
  const { "app.kubernetes.io/component": component, "app.kubernetes.io/name": name } = pod?.metadata?.labels ?? {};
  return component === "process" ? `slipway:processes.${name}.allowTo` : "slipway:web.allowTo";
}

/** Pattern of the addresses of the pods' database, and whether its server is elsewhere; undefined without a database. */
function databaseOf(pods: readonly V1Pod[]): { readonly addresses: RegExp; readonly isElsewhere: boolean } | undefined {
  const variables = pods.flatMap(({ spec }) => spec?.containers.flatMap(({ env = [] }) => env) ?? []);
  const value = (variable: string) => variables.find(({ name }) => name === variable)?.value;
  const [host, port] = [value("PGHOST"), value("PGPORT")];
  if (host === undefined) return undefined;
  const name = host.replaceAll(".", "\\.");
  const addresses = new RegExp(`"${name}"|@${name}\\b|:${port}\\b|\\bport[ =]"?${port}\\b`);
  // The Service of a database of our own has a name without a domain.
  return { addresses, isElsewhere: /[.:]/.test(host) };
}
