import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type Resources, requestsAndLimits, restrictedContainer, restrictedPod } from "./restricted.ts";

export interface DatabaseArgs {
  /** Namespace to create it in. */
  readonly namespace: pulumi.Input<string>;
  /** Image that keeps the contract of the official postgres image. */
  readonly image: pulumi.Input<string>;
  /** Name of the database and of its role. Default `app`. */
  readonly name?: string;
  /** Password of the role. */
  readonly password: pulumi.Input<string>;
  /** Size of the volume; it can grow, never shrink. */
  readonly storage: pulumi.Input<string>;
  /** Storage class. Default: the cluster's own. */
  readonly storageClass?: pulumi.Input<string>;
  /** Keep the data whatever happens. Default false. */
  readonly protect?: boolean;
  readonly resources: Resources;
}

/** What a client needs to reach a database. */
export interface DatabaseConnection {
  readonly host: pulumi.Output<string>;
  readonly port: number;
  /** Name of the database, and of the role that owns it. */
  readonly name: string;
  /** Secret that holds the role's password under the key `password`. */
  readonly secret: pulumi.Output<string>;
  /** Labels that a pod needs to be let in. */
  readonly clientLabels: Record<string, string>;
}

/** The official image's user: https://github.com/docker-library/postgres/blob/master/Dockerfile-debian.template */
const postgresUser = 999;
const port = 5432;

/**
 * PostgreSQL in a container of its own, on a claim of its own that outlives every container: a StatefulSet of one
 * (never two servers on one volume), reached by a Service, by nobody but its clients.
 */
export class Database extends pulumi.ComponentResource {
  readonly connection: DatabaseConnection;
  /** The claim that holds the data. */
  readonly claim: pulumi.Output<string>;

  constructor(name: string, args: DatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:index:Database", name, {}, opts);
    const { namespace, protect = false } = args;
    const database = args.name ?? "app";
    const labels = { "app.kubernetes.io/name": name, "app.kubernetes.io/component": "database" };
    const clientLabels = { [`slipway/${name}-client`]: "true" };
    const kept = { parent: this, protect, retainOnDelete: protect };

    const credentials = new k8s.core.v1.Secret(
      `${name}-credentials`,
      { metadata: { namespace }, stringData: { password: args.password } },
      kept,
    );

    // The claim and the StatefulSet keep fixed names: what the data is called must not depend on a random suffix.
    const claim = new k8s.core.v1.PersistentVolumeClaim(
      `${name}-data`,
      {
        metadata: { name: `${name}-data`, namespace, labels },
        spec: {
          accessModes: ["ReadWriteOnce"],
          storageClassName: args.storageClass,
          resources: { requests: { storage: args.storage } },
        },
      },
      kept,
    );

    const service = new k8s.core.v1.Service(
      `${name}-service`,
      {
        metadata: { name, namespace, labels },
        spec: { selector: labels, ports: [{ name: "postgres", port, targetPort: "postgres" }] },
      },
      // Counts as created once it has an endpoint: whoever needs its name waits for a server that answers.
      { parent: this },
    );

    new k8s.core.v1.ServiceAccount(
      `${name}-account`,
      { metadata: { name, namespace, labels }, automountServiceAccountToken: false },
      { parent: this },
    );

    new k8s.networking.v1.NetworkPolicy(
      `${name}-clients`,
      {
        metadata: { namespace },
        spec: {
          podSelector: { matchLabels: labels },
          policyTypes: ["Ingress", "Egress"],
          ingress: [{ from: [{ podSelector: { matchLabels: clientLabels } }], ports: [{ protocol: "TCP", port }] }],
        },
      },
      { parent: this },
    );

    new k8s.apps.v1.StatefulSet(
      name,
      {
        metadata: { name, namespace, labels },
        spec: {
          replicas: 1,
          serviceName: name,
          selector: { matchLabels: labels },
          template: {
            metadata: { labels },
            spec: {
              ...restrictedPod(postgresUser),
              serviceAccountName: name,
              // SIGINT, the image's stop signal, is a fast shutdown: it writes a checkpoint, then exits.
              terminationGracePeriodSeconds: 60,
              containers: [
                {
                  ...restrictedContainer,
                  name: "postgres",
                  image: args.image,
                  args: memorySettings(args.resources.memory),
                  ports: [{ name: "postgres", containerPort: port }],
                  env: [
                    { name: "POSTGRES_DB", value: database },
                    { name: "POSTGRES_USER", value: database },
                    { name: "POSTGRES_PASSWORD_FILE", value: "/run/credentials/password" },
                    { name: "POSTGRES_INITDB_ARGS", value: "--data-checksums --auth-host=scram-sha-256" },
                    // A folder below the mount point: the volume's own root may hold a lost+found.
                    { name: "PGDATA", value: "/var/lib/postgresql/data/pgdata" },
                  ],
                  resources: requestsAndLimits(args.resources),
                  // Over TCP: the server that runs while the volume is first filled listens on its socket alone.
                  startupProbe: { ...readyForConnections(database), periodSeconds: 1, failureThreshold: 300 },
                  readinessProbe: { ...readyForConnections(database), periodSeconds: 5 },
                  livenessProbe: { ...readyForConnections(database), periodSeconds: 10, failureThreshold: 6 },
                  volumeMounts: [
                    { name: "data", mountPath: "/var/lib/postgresql/data" },
                    { name: "credentials", mountPath: "/run/credentials", readOnly: true },
                    { name: "sockets", mountPath: "/var/run/postgresql" },
                    { name: "tmp", mountPath: "/tmp" },
                    { name: "shared-memory", mountPath: "/dev/shm" },
                  ],
                },
              ],
              volumes: [
                { name: "data", persistentVolumeClaim: { claimName: claim.metadata.name } },
                { name: "credentials", secret: { secretName: credentials.metadata.name, defaultMode: 0o440 } },
                { name: "sockets", emptyDir: { sizeLimit: "16Mi" } },
                { name: "tmp", emptyDir: { sizeLimit: "256Mi" } },
                { name: "shared-memory", emptyDir: { medium: "Memory", sizeLimit: "64Mi" } },
              ],
            },
          },
        },
      },
      { parent: this },
    );

    this.claim = claim.metadata.name;
    this.connection = {
      host: service.metadata.name,
      port,
      name: database,
      secret: credentials.metadata.name,
      clientLabels,
    };
    this.registerOutputs({ connection: this.connection, claim: this.claim });
  }
}

const readyForConnections = (database: string) => ({
  exec: { command: ["pg_isready", "--quiet", "--host=127.0.0.1", `--username=${database}`, `--dbname=${database}`] },
  timeoutSeconds: 3,
});

/**
 * Server settings that fit the container's memory: a quarter for the shared buffers, as the manual advises
 * (https://www.postgresql.org/docs/current/runtime-config-resource.html#GUC-SHARED-BUFFERS), half is expected to be the
 * kernel's cache.
 */
export function memorySettings(memory: string): string[] {
  const megabytes = Math.floor(bytes(memory) / 2 ** 20);
  return [
    "-c",
    `shared_buffers=${Math.floor(megabytes / 4)}MB`,
    "-c",
    `effective_cache_size=${Math.floor(megabytes / 2)}MB`,
  ];
}

const units: Record<string, number> = {
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

function bytes(quantity: string): number {
  const [, number = "0", unit = ""] = /^([0-9.]+)([A-Za-z]*)$/.exec(quantity) ?? [];
  return Number(number) * (units[unit] ?? 1);
}
