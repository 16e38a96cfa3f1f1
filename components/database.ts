import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { sameFieldManager, skipAwait } from "../cluster/annotations.ts";
import { failureReport } from "../diagnosis/report.ts";
import { type DatabaseConnection, databasePort as port, script, scriptJob } from "./database/client.ts";
import { hostBasedAuthentication, serverPod } from "./database/server.ts";
import { dnsServers } from "./pods/dns-servers.ts";
import type { Resources } from "./pods/restricted.ts";

export type { DatabaseConnection } from "./database/client.ts";

/** Arguments of {@link Database}. */
export interface DatabaseArgs {
  /** Namespace to create it in. */
  readonly namespace: pulumi.Input<string>;
  /** Image that keeps the contract of the official postgres image (Debian's, with `bash`), version 16 or later. */
  readonly image: pulumi.Input<string>;
  /** Name of the database and of the role that owns it. Default `app`. */
  readonly name?: string;
  /** Password of the clients' login. A changed one takes effect without a restart of the server, in a minute or two. */
  readonly password: pulumi.Input<string>;
  /** Size of the volume; it can grow, never shrink. */
  readonly storage: pulumi.Input<string>;
  /** Storage class. Default: the cluster's own. */
  readonly storageClass?: pulumi.Input<string>;
  /** Keep the data whatever happens. Default false. */
  readonly protect?: boolean;
  readonly resources: Resources;
  /** IP addresses of DNS servers besides the pods of kube-system. Default: none. */
  readonly dns?: readonly pulumi.Input<string>[];
}

/** Seconds within which a new login is let in: the kubelet hands a changed Secret on within about 90. */
const loginSeconds = 300;

/**
 * PostgreSQL in a container of its own, on a claim of its own that outlives every container: a StatefulSet of one
 * (never two servers on one volume), reached by a Service, by nobody but its clients.
 *
 * A changed password never locks anybody out. Each password comes with a login role of its own, named after the Secret
 * that holds it, and every login acts as the one role that owns the data. `up` opens the new login beside the old one
 * (a container beside the server applies the mounted Secret as the superuser, who exists on the server's socket alone),
 * checks that it is let in, and only then hands it to the clients; {@link closeEarlierLogins} shuts the old one out
 * once they use it. Each step can be repeated, so wherever an `up` was interrupted, the next one finishes. Secrets must
 * be replaced when they change, which is the provider's default (`enableSecretMutable` is not set).
 */
export class Database extends pulumi.ComponentResource {
  readonly connection: DatabaseConnection;
  /** The claim that holds the data. */
  readonly claim: pulumi.Output<string>;
  readonly #name: string;
  readonly #child: pulumi.CustomResourceOptions;
  readonly #clientJob: Omit<Parameters<typeof scriptJob>[1], "script" | "connection" | "seconds">;

  constructor(name: string, args: DatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:index:Database", name, {}, opts);
    const { namespace, protect = false } = args;
    const database = args.name ?? "app";
    const labels = { "app.kubernetes.io/name": name, "app.kubernetes.io/component": "database" };
    const clientLabels = { [`slipway/${name}-client`]: "true" };
    this.#child = { parent: this, hooks: failureReport(this, name) };
    const child = this.#child;

    // Not protected, unlike the data: it comes from a setting, and a protected one could never be replaced.
    const credentials = new k8s.core.v1.Secret(
      `${name}-credentials`,
      { metadata: { namespace }, stringData: { password: args.password } },
      child,
    );
    // The same once more under a name that never changes: the server's pod must not, when the password does.
    const login = new k8s.core.v1.Secret(
      `${name}-login`,
      {
        metadata: { name: `${name}-login`, namespace, annotations: sameFieldManager },
        stringData: { user: credentials.metadata.name, password: args.password },
      },
      child,
    );
    const scripts = new k8s.core.v1.ConfigMap(
      `${name}-scripts`,
      {
        metadata: { namespace, labels },
        data: {
          "pg_hba.conf": hostBasedAuthentication(database),
          ...Object.fromEntries(
            ["logins.sh", "logins.sql", "await-login.sh", "close-logins.sh"].map((file) => [file, script(file)]),
          ),
        },
      },
      child,
    );

    // The claim and the StatefulSet keep fixed names: what the data is called must not depend on a random suffix.
    const claim = new k8s.core.v1.PersistentVolumeClaim(
      `${name}-data`,
      {
        metadata: { name: `${name}-data`, namespace, labels, annotations: { ...sameFieldManager, ...skipAwait } },
        spec: {
          accessModes: ["ReadWriteOnce"],
          storageClassName: args.storageClass,
          resources: { requests: { storage: args.storage } },
        },
      },
      { parent: this, protect, retainOnDelete: protect },
    );

    const service = new k8s.core.v1.Service(
      `${name}-service`,
      {
        // Not waited for: its endpoint is the server, which clients wait for. With a failure elsewhere no server is
        // started, and the wait for its endpoint would keep the failed operation from ending.
        metadata: { name, namespace, labels, annotations: { ...sameFieldManager, ...skipAwait } },
        spec: { selector: labels, ports: [{ name: "postgres", port, targetPort: "postgres" }] },
      },
      child,
    );

    const account = new k8s.core.v1.ServiceAccount(
      `${name}-account`,
      { metadata: { name, namespace, labels, annotations: sameFieldManager }, automountServiceAccountToken: false },
      child,
    );
    const ports = [{ protocol: "TCP", port }];
    const policy = new k8s.networking.v1.NetworkPolicy(
      `${name}-clients`,
      {
        metadata: { namespace },
        spec: {
          podSelector: { matchLabels: labels },
          policyTypes: ["Ingress", "Egress"],
          ingress: [{ from: [{ podSelector: { matchLabels: clientLabels } }], ports }],
        },
      },
      child,
    );
    const clientsPolicy = new k8s.networking.v1.NetworkPolicy(
      `${name}-access`,
      {
        metadata: { namespace },
        spec: {
          podSelector: { matchLabels: clientLabels },
          policyTypes: ["Egress"],
          // They know it by its name. A policy that lets them out to it alone would keep them from asking for that.
          egress: [{ to: [{ podSelector: { matchLabels: labels } }], ports }, ...dnsServers(args.dns)],
        },
      },
      child,
    );

    const server = new k8s.apps.v1.StatefulSet(
      name,
      {
        metadata: { name, namespace, labels, annotations: sameFieldManager },
        spec: {
          replicas: 1,
          // By the default, a pod that never becomes ready is not replaced by a mended one: https://github.com/kubernetes/kubernetes/issues/67250
          podManagementPolicy: "Parallel",
          serviceName: name,
          selector: { matchLabels: labels },
          template: {
            metadata: { labels },
            spec: serverPod({
              image: args.image,
              database,
              resources: args.resources,
              account: account.metadata.name,
              claim: claim.metadata.name,
              scripts: scripts.metadata.name,
              // By name only: the pod is to know nothing of the Secret's exchange.
              login: `${name}-login`,
            }),
          },
        },
      },
      { ...child, dependsOn: login },
    );

    const connection = {
      host: service.metadata.name,
      port,
      name: database,
      user: credentials.metadata.name,
      secret: credentials.metadata.name,
      image: args.image,
      clientLabels,
    };
    this.#name = name;
    this.#clientJob = { namespace, image: args.image, account: account.metadata.name, scripts: scripts.metadata.name };
    const open = scriptJob(
      `${name}-login-open`,
      { ...this.#clientJob, script: "await-login.sh", connection, seconds: loginSeconds },
      { ...child, dependsOn: [login, server, policy, clientsPolicy] },
    );

    this.claim = claim.metadata.name;
    // Clients get to know of a login when it is let in.
    const user = pulumi.all([connection.user, open.id]).apply(([user]) => user);
    this.connection = { ...connection, user };
    this.registerOutputs({ connection: this.connection, claim: this.claim });
  }

  /**
   * Shuts out every login but the current one, as soon as its clients use that.
   *
   * @param clients what has to be up to date before
   * @param serving resolves once the clients use it
   * @param seconds how long an earlier login's sessions then have to end by themselves: as long as a client takes to stop
   */
  closeEarlierLogins(clients: pulumi.Resource[], serving: pulumi.Output<unknown>, seconds: number): void {
    scriptJob(
      `${this.#name}-login-close`,
      {
        ...this.#clientJob,
        script: "close-logins.sh",
        connection: this.connection,
        env: [{ name: "DRAIN_SECONDS", value: String(seconds) }],
        seconds: seconds + 120,
      },
      // In a preview nothing serves yet.
      { ...this.#child, dependsOn: pulumi.runtime.isDryRun() ? clients : serving.apply(() => clients) },
    );
  }
}
