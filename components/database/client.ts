import { readFileSync } from "node:fs";
import { join } from "node:path";
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { type Resources, requestsAndLimits, restrictedContainer } from "../pods/restricted.ts";

/** Connection of a client to a database. */
export interface DatabaseConnection {
  /** Host name: of its Service, or of a server elsewhere. */
  readonly host: pulumi.Output<string>;
  readonly port: number;
  /** Name of the database; in a container of its own, also of the role that owns everything in it. */
  readonly name: string;
  /** Role to log in as, known once the server accepts it. Every password has a role of its own. */
  readonly user: pulumi.Output<string>;
  /** Secret with the role's password under the key `password`. */
  readonly secret: pulumi.Output<string>;
  /** Key in the Secret of the password as it is written in a URL. */
  readonly urlKey: pulumi.Output<string>;
  /** Image with PostgreSQL's client programs. @default none, and nothing waits for the database */
  readonly image?: pulumi.Input<string>;
  /** Encryption, and a ConfigMap with the authorities under the key `ca.crt`. @default the client's own decision */
  readonly tls?: { readonly mode: string; readonly authorities?: pulumi.Output<string> };
  /** Server elsewhere, so that a migration runs again on another one. @default a container of its own */
  readonly elsewhere?: string;
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

/** Folder of the authorities' certificates in a client's container. */
const authoritiesFolder = "/etc/slipway-database";

/** Environment variables of libpq: https://www.postgresql.org/docs/current/libpq-envars.html */
export const libpqVariables = (database: DatabaseConnection): k8s.types.input.core.v1.EnvVar[] => [
  { name: "PGHOST", value: database.host },
  { name: "PGPORT", value: String(database.port) },
  { name: "PGDATABASE", value: database.name },
  { name: "PGUSER", value: database.user },
  { name: "PGPASSWORD", valueFrom: { secretKeyRef: { name: database.secret, key: "password" } } },
];

/** Environment variables of the application: libpq's, and the password as it is written in a URL. */
export const clientVariables = (database: DatabaseConnection): k8s.types.input.core.v1.EnvVar[] => [
  ...libpqVariables(database),
  { name: "PGPASSWORD_URL", valueFrom: { secretKeyRef: { name: database.secret, key: database.urlKey } } },
  ...tlsVariables(database.tls),
];

const tlsVariables = (tls: DatabaseConnection["tls"]): k8s.types.input.core.v1.EnvVar[] => {
  if (!tls) return [];
  // Without this, libpq wants a file in the user's home folder for both of these modes.
  const authorities = tls.authorities ? `${authoritiesFolder}/ca.crt` : /^verify/.test(tls.mode) && "system";
  const file = authorities ? [{ name: "PGSSLROOTCERT", value: authorities }] : [];
  return [{ name: "PGSSLMODE", value: tls.mode }, ...file];
};

/** Volumes and mounts of the application's containers for the database's certificates. */
export function clientVolumes(database: DatabaseConnection | undefined) {
  const configMap = database?.tls?.authorities;
  const name = "database-authorities";
  return {
    volumes: configMap ? [{ name, configMap: { name: configMap } }] : [],
    mounts: configMap ? [{ name, mountPath: authoritiesFolder, readOnly: true }] : [],
  };
}

/**
 * Init containers: one that waits until its pod reaches the database, if there is an image for it. A pod's first packets
 * may come before the network policies include its address; a Job that does not retry would fail in each of its pods.
 */
export const awaitDatabase = (database: DatabaseConnection) => {
  const { image } = database;
  if (image === undefined) return undefined;
  return [
    {
      ...restrictedContainer,
      name: "await-database",
      image,
      command: ["sh", "-c", "until pg_isready --quiet --timeout=1; do sleep 0.2; done"],
      env: libpqVariables(database).filter(({ name }) => name !== "PGPASSWORD"),
      resources: requestsAndLimits(smallResources),
    },
  ];
};
