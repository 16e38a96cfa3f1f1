import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { jobDeadline } from "../pods/job-deadline.ts";
import { type Resources, requestsAndLimits, restrictedContainer, restrictedPod } from "../pods/restricted.ts";

/** What a client needs to reach a database. */
export interface DatabaseConnection {
  /** Name of its Service. */
  readonly host: pulumi.Output<string>;
  readonly port: number;
  /** Name of the database, and of the role that owns everything in it. */
  readonly name: string;
  /** Role to log in as, known once the server lets it in; every password has one of its own. */
  readonly user: pulumi.Output<string>;
  /** Secret that holds that role's password under the key `password`. */
  readonly secret: pulumi.Output<string>;
  /** Image with PostgreSQL's client programs. */
  readonly image: pulumi.Input<string>;
  /**
   * Labels that a pod needs to be let in. With them, the database's own policy lets the pod out to it and to DNS, and keeps it from
   * all else that no other policy allows.
   */
  readonly clientLabels: Record<string, string>;
}

/** The user of the official image: https://github.com/docker-library/postgres/blob/master/Dockerfile-debian.template */
export const postgresUser = 999;

/** Where the server listens. */
export const databasePort = 5432;

/** Where the scripts are in every container that runs one. */
export const scriptFolder = "/etc/slipway";

/** The text of a script or query that runs inside the database's own image. */
export const script = (file: string): string => readFileSync(join(import.meta.dirname, "scripts", file), "utf8");

/** Enough for a shell and a query. */
export const littleResources: Resources = { cpu: "10m", cpuLimit: "250m", memory: "64Mi" };

/** A database's address and login as libpq's variables (https://www.postgresql.org/docs/current/libpq-envars.html). */
export const libpqVariables = (database: DatabaseConnection): k8s.types.input.core.v1.EnvVar[] => [
  { name: "PGHOST", value: database.host },
  { name: "PGPORT", value: String(database.port) },
  { name: "PGDATABASE", value: database.name },
  { name: "PGUSER", value: database.user },
  { name: "PGPASSWORD", valueFrom: { secretKeyRef: { name: database.secret, key: "password" } } },
];

/**
 * Container that ends once its pod reaches the database. A pod's first packets may come before the network policies know its address: a
 * Job that does not try again would fail in each of its pods.
 */
export const awaitDatabase = (database: DatabaseConnection) => ({
  ...restrictedContainer,
  name: "await-database",
  image: database.image,
  command: ["sh", "-c", "until pg_isready --quiet --timeout=1; do sleep 0.2; done"],
  env: libpqVariables(database).filter(({ name }) => name !== "PGPASSWORD"),
  resources: requestsAndLimits(littleResources),
});

/** Arguments of {@link scriptJob}. */
export interface ScriptJobArgs {
  readonly namespace: pulumi.Input<string>;
  /** The database's image. */
  readonly image: pulumi.Input<string>;
  /** Name of the service account. */
  readonly account: pulumi.Input<string>;
  /** ConfigMap that has the scripts. */
  readonly scripts: pulumi.Input<string>;
  /** File name of the script to run. */
  readonly script: string;
  /** What the script speaks to. */
  readonly connection: DatabaseConnection;
  readonly env?: k8s.types.input.core.v1.EnvVar[];
  /** Seconds that it may take. */
  readonly seconds: number;
}

/** A Job that runs one script against the database, as one of its clients. */
export function scriptJob(name: string, args: ScriptJobArgs, opts: pulumi.CustomResourceOptions): k8s.batch.v1.Job {
  const deadline = jobDeadline(args.seconds);
  return new k8s.batch.v1.Job(
    name,
    {
      metadata: { namespace: args.namespace, annotations: deadline.annotations },
      spec: {
        backoffLimit: 3,
        ...deadline.job,
        template: {
          metadata: { labels: { ...args.connection.clientLabels, "app.kubernetes.io/component": name } },
          spec: {
            ...restrictedPod(postgresUser),
            serviceAccountName: args.account,
            ...deadline.pod,
            containers: [
              {
                ...restrictedContainer,
                name: "psql",
                image: args.image,
                command: [`${scriptFolder}/${args.script}`],
                env: [
                  ...libpqVariables(args.connection),
                  { name: "PGCONNECT_TIMEOUT", value: "5" },
                  ...(args.env ?? []),
                ],
                resources: requestsAndLimits(littleResources),
                volumeMounts: [{ name: "scripts", mountPath: scriptFolder, readOnly: true }],
              },
            ],
            volumes: [{ name: "scripts", configMap: { name: args.scripts, defaultMode: 0o555 } }],
          },
        },
      },
    },
    { ...opts, ...deadline.options },
  );
}
