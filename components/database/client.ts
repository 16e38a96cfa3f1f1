import { readFileSync } from "node:fs";
import { join } from "node:path";
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { type Resources, requestsAndLimits, restrictedContainer } from "../pods/restricted.ts";

/** Connection of a client to a database. */
export interface DatabaseConnection {
  /** Name of its Service. */
  readonly host: pulumi.Output<string>;
  readonly port: number;
  /** Name of the database, and of the role that owns everything in it. */
  readonly name: string;
  /** Role to log in as, known once the server accepts it. Every password has a role of its own. */
  readonly user: pulumi.Output<string>;
  /** Secret with the role's password under the key `password`. */
  readonly secret: pulumi.Output<string>;
  /** Image with PostgreSQL's client programs. */
  readonly image: pulumi.Input<string>;
  /** Labels of a client's pod. The database's policies allow such a pod to reach the database and DNS, and nothing else. */
  readonly clientLabels: Record<string, string>;
}

/** User of the official image: https://github.com/docker-library/postgres/blob/master/Dockerfile-debian.template */
export const postgresUser = 999;

/** Port of the server. */
export const databasePort = 5432;

/** Folder of the scripts in every container that runs one. */
export const scriptFolder = "/etc/slipway";

/** Data of a ConfigMap: scripts and queries for containers of the database's image, by file name. */
export const scriptFiles = (...files: string[]): Record<string, string> =>
  Object.fromEntries(files.map((file) => [file, readFileSync(join(import.meta.dirname, "scripts", file), "utf8")]));

/** Volume and mount of a ConfigMap with scripts. */
export const scriptVolume = (configMap: pulumi.Input<string>) => ({
  name: "scripts",
  configMap: { name: configMap, defaultMode: 0o555 },
});
export const scriptMount = { name: "scripts", mountPath: scriptFolder, readOnly: true };

/** Resources for a shell and a query. */
export const smallResources: Resources = { cpu: "10m", cpuLimit: "250m", memory: "64Mi" };

/** Environment variables of libpq: https://www.postgresql.org/docs/current/libpq-envars.html */
export const libpqVariables = (database: DatabaseConnection): k8s.types.input.core.v1.EnvVar[] => [
  { name: "PGHOST", value: database.host },
  { name: "PGPORT", value: String(database.port) },
  { name: "PGDATABASE", value: database.name },
  { name: "PGUSER", value: database.user },
  { name: "PGPASSWORD", valueFrom: { secretKeyRef: { name: database.secret, key: "password" } } },
];

/**
 * Init container that waits until its pod reaches the database. A pod's first packets may come before the network
 * policies include its address; a Job that does not retry would fail in each of its pods.
 */
export const awaitDatabase = (database: DatabaseConnection) => ({
  ...restrictedContainer,
  name: "await-database",
  image: database.image,
  command: ["sh", "-c", "until pg_isready --quiet --timeout=1; do sleep 0.2; done"],
  env: libpqVariables(database).filter(({ name }) => name !== "PGPASSWORD"),
  resources: requestsAndLimits(smallResources),
});
