import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { type Resources, requestsAndLimits, restrictedContainer, restrictedPod } from "../pods/restricted.ts";
import { databasePort, littleResources, postgresUser, scriptFolder } from "./client.ts";
import { memorySettings } from "./memory.ts";

/**
 * Who may connect, instead of what initdb writes: the superuser over the socket alone, and over the network nobody but
 * the owner's logins, to no other databases than they need (`postgres` has the functions that close earlier logins,
 * `…_restoring` is what a backup is brought back into).
 */
export const hostBasedAuthentication = (database: string): string =>
  [
    "local all postgres peer",
    `host "${database}","${database}_restoring",postgres +"${database}" all scram-sha-256`,
    "",
  ].join("\n");

/** Arguments of {@link serverPod}. */
export interface ServerPodArgs {
  readonly image: pulumi.Input<string>;
  /** Name of the database, and of the role that owns it. */
  readonly database: string;
  readonly resources: Resources;
  /** Name of the service account. */
  readonly account: pulumi.Input<string>;
  /** Claim that has the data. */
  readonly claim: pulumi.Input<string>;
  /** ConfigMap that has the scripts. */
  readonly scripts: pulumi.Input<string>;
  /** Secret that has the login to let in, as `user` and `password`. */
  readonly login: string;
}

/** The server's pod: PostgreSQL, and beside it what lets the clients' login in. */
export const serverPod = (args: ServerPodArgs): k8s.types.input.core.v1.PodSpec => ({
  ...restrictedPod(postgresUser),
  serviceAccountName: args.account,
  // SIGINT, the image's stop signal, is a fast shutdown: it writes a checkpoint, then exits.
  terminationGracePeriodSeconds: 60,
  containers: [server(args), loginKeeper(args)],
  volumes: [
    { name: "data", persistentVolumeClaim: { claimName: args.claim } },
    { name: "scripts", configMap: { name: args.scripts, defaultMode: 0o555 } },
    // Optional: it is missing for a moment while it is exchanged, and the server must be able to start even then.
    { name: "login", secret: { secretName: args.login, defaultMode: 0o440, optional: true } },
    { name: "sockets", emptyDir: { sizeLimit: "16Mi" } },
    { name: "tmp", emptyDir: { sizeLimit: "256Mi" } },
    { name: "shared-memory", emptyDir: { medium: "Memory", sizeLimit: "64Mi" } },
  ],
});

const server = (args: ServerPodArgs): k8s.types.input.core.v1.Container => ({
  ...restrictedContainer,
  name: "postgres",
  image: args.image,
  // The image insists on a password for the superuser: a random one, which logins.sql then takes away.
  command: [
    ...["bash", "-c", 'POSTGRES_PASSWORD=$(head -c 32 /dev/urandom | base64) exec "$@"', "bash"],
    "docker-entrypoint.sh",
  ],
  args: [...["postgres", "-c", `hba_file=${scriptFolder}/pg_hba.conf`], ...memorySettings(args.resources.memory)],
  ports: [{ name: "postgres", containerPort: databasePort }],
  env: [
    { name: "POSTGRES_DB", value: args.database },
    {
      name: "POSTGRES_INITDB_ARGS",
      value: "--data-checksums --auth-local=peer --auth-host=scram-sha-256",
    },
    // A folder below the mount point: the volume's own root may hold a lost+found.
    { name: "PGDATA", value: "/var/lib/postgresql/data/pgdata" },
  ],
  resources: requestsAndLimits(args.resources),
  // Over TCP: the server that runs while the volume is first filled listens on its socket alone.
  startupProbe: { ...readyForConnections(args.database), periodSeconds: 1, failureThreshold: 300 },
  readinessProbe: { ...readyForConnections(args.database), periodSeconds: 5 },
  livenessProbe: { ...readyForConnections(args.database), periodSeconds: 10, failureThreshold: 6 },
  volumeMounts: [
    { name: "data", mountPath: "/var/lib/postgresql/data" },
    { name: "scripts", mountPath: scriptFolder, readOnly: true },
    { name: "sockets", mountPath: "/var/run/postgresql" },
    { name: "tmp", mountPath: "/tmp" },
    { name: "shared-memory", mountPath: "/dev/shm" },
  ],
});

/** Lets the mounted login in: see database/scripts/logins.sh. */
const loginKeeper = ({ image, database }: ServerPodArgs): k8s.types.input.core.v1.Container => ({
  ...restrictedContainer,
  name: "logins",
  image,
  command: [`${scriptFolder}/logins.sh`],
  env: [
    { name: "LOGIN_FOLDER", value: "/run/login" },
    { name: "OWNER", value: database },
    { name: "DATABASE", value: database },
    { name: "PGHOST", value: "/var/run/postgresql" },
    { name: "PGUSER", value: "postgres" },
    { name: "PGDATABASE", value: "postgres" },
  ],
  resources: requestsAndLimits(littleResources),
  volumeMounts: [
    { name: "login", mountPath: "/run/login", readOnly: true },
    { name: "scripts", mountPath: scriptFolder, readOnly: true },
    { name: "sockets", mountPath: "/var/run/postgresql" },
  ],
});

const readyForConnections = (database: string) => ({
  exec: { command: ["pg_isready", "--quiet", "--host=127.0.0.1", `--username=${database}`, `--dbname=${database}`] },
  timeoutSeconds: 3,
});
