import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { sameFieldManager } from "../../cluster/annotations.ts";
import type { DatabaseArgs } from "../database.ts";
import { requestsAndLimits, restrictedContainer, restrictedPod } from "../pods/restricted.ts";
import { databasePort, postgresUser, scriptFolder, scriptMount, scriptVolume, smallResources } from "./client.ts";
import { memorySettings } from "./memory.ts";

/**
 * Text of pg_hba.conf. The superuser connects over the socket only, the owner's logins over the network, and only to
 * the databases that they need: their own, `postgres` with the functions that close logins, and `…_restoring`.
 */
export const hostBasedAuthentication = (database: string, further: readonly string[] = []): string => {
  const own = [database, `${database}_restoring`, ...further].map((name) => `"${name}"`);
  return ["local all postgres peer", `host ${own},postgres +"${database}" all scram-sha-256`, ""].join("\n");
};

type ServerArgs = Required<Pick<DatabaseArgs, "namespace" | "image" | "name" | "resources">> &
  Pick<DatabaseArgs, "databases">;

/** Names of the objects that the server's pod refers to. */
type References = Readonly<Record<"account" | "claim" | "scripts" | "login", pulumi.Input<string>>>;

/** Creates the StatefulSet of one pod: PostgreSQL, and a container that opens the clients' login. */
export const databaseServer = (
  name: string,
  args: ServerArgs,
  references: References,
  labels: Record<string, string>,
  opts: pulumi.CustomResourceOptions,
): k8s.apps.v1.StatefulSet =>
  new k8s.apps.v1.StatefulSet(
    name,
    {
      metadata: { name, namespace: args.namespace, labels, annotations: sameFieldManager },
      spec: {
        replicas: 1,
        // With the default, a corrected pod never replaces one that is not ready: https://github.com/kubernetes/kubernetes/issues/67250
        podManagementPolicy: "Parallel",
        serviceName: name,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: podSpec(args, references) },
      },
    },
    opts,
  );

const podSpec = (
  args: ServerArgs,
  { account, claim, scripts, login }: References,
): k8s.types.input.core.v1.PodSpec => ({
  ...restrictedPod(postgresUser),
  serviceAccountName: account,
  // SIGINT, the image's stop signal, is a fast shutdown: it writes a checkpoint, then exits.
  terminationGracePeriodSeconds: 60,
  containers: [postgres(args), loginOpener(args)],
  volumes: [
    { name: "data", persistentVolumeClaim: { claimName: claim } },
    scriptVolume(scripts),
    // Optional: the server must be able to start in the moment in which the Secret is replaced.
    { name: "login", secret: { secretName: login, defaultMode: 0o440, optional: true } },
    { name: "sockets", emptyDir: { sizeLimit: "16Mi" } },
    { name: "tmp", emptyDir: { sizeLimit: "256Mi" } },
    { name: "shared-memory", emptyDir: { medium: "Memory", sizeLimit: "64Mi" } },
  ],
});

const postgres = ({ image, name: database, resources }: ServerArgs): k8s.types.input.core.v1.Container => ({
  ...restrictedContainer,
  name: "postgres",
  image,
  // The image insists on a password for the superuser: a random one, which logins.sql then removes.
  command: [
    "bash",
    "-c",
    'POSTGRES_PASSWORD=$(head -c 32 /dev/urandom | base64) exec "$@"',
    "bash",
    "docker-entrypoint.sh",
  ],
  args: ["postgres", "-c", `hba_file=${scriptFolder}/pg_hba.conf`, ...memorySettings(resources.memory)],
  ports: [{ name: "postgres", containerPort: databasePort }],
  env: [
    { name: "POSTGRES_DB", value: database },
    { name: "POSTGRES_INITDB_ARGS", value: "--data-checksums --auth-local=peer --auth-host=scram-sha-256" },
    // A folder below the mount point: the volume's root may contain lost+found.
    { name: "PGDATA", value: "/var/lib/postgresql/data/pgdata" },
  ],
  resources: requestsAndLimits(resources),
  // Over TCP: the temporary server that fills a new volume listens on its socket only.
  startupProbe: { ...acceptsConnections(database), periodSeconds: 1, failureThreshold: 300 },
  readinessProbe: { ...acceptsConnections(database), periodSeconds: 5 },
  livenessProbe: { ...acceptsConnections(database), periodSeconds: 10, failureThreshold: 6 },
  volumeMounts: [
    { name: "data", mountPath: "/var/lib/postgresql/data" },
    scriptMount,
    { name: "sockets", mountPath: "/var/run/postgresql" },
    { name: "tmp", mountPath: "/tmp" },
    { name: "shared-memory", mountPath: "/dev/shm" },
  ],
});

/** Container that opens the mounted login: see scripts/logins.sh. */
const loginOpener = ({ image, name: database, databases }: ServerArgs): k8s.types.input.core.v1.Container => ({
  ...restrictedContainer,
  name: "logins",
  image,
  command: [`${scriptFolder}/logins.sh`],
  env: [
    { name: "LOGIN_FOLDER", value: "/run/login" },
    { name: "OWNER", value: database },
    { name: "DATABASE", value: database },
    ...furtherDatabases(databases),
    { name: "PGHOST", value: "/var/run/postgresql" },
    { name: "PGUSER", value: "postgres" },
    { name: "PGDATABASE", value: "postgres" },
  ],
  resources: requestsAndLimits(smallResources),
  volumeMounts: [
    { name: "login", mountPath: "/run/login", readOnly: true },
    scriptMount,
    { name: "sockets", mountPath: "/var/run/postgresql" },
  ],
});

/** Variable of the scripts with the names of further databases. */
export const furtherDatabases = (names: readonly string[] | undefined) =>
  names ? [{ name: "DATABASES", value: names.join(" ") }] : [];

const acceptsConnections = (database: string) => ({
  exec: { command: ["pg_isready", "--quiet", "--host=127.0.0.1", `--username=${database}`, `--dbname=${database}`] },
  timeoutSeconds: 3,
});
