import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { sameFieldManager, skipAwait } from "../cluster/annotations.ts";
import { failureReport } from "../diagnosis/failure-report.ts";
import { dataClaim } from "./database/claim.ts";
import { type DatabaseConnection, databasePort as port, scriptFiles } from "./database/client.ts";
import { loginSecrets } from "./database/login.ts";
import { type ScriptJobArgs, scriptJob } from "./database/script-job.ts";
import { databaseServer, furtherDatabases, hostBasedAuthentication } from "./database/server.ts";
import { accessPolicies } from "./pods/access.ts";
import type { Resources } from "./pods/restricted.ts";

export type { DatabaseConnection } from "./database/client.ts";

/** Arguments of {@link Database}. */
export interface DatabaseArgs {
  /** Namespace to create it in. */
  readonly namespace: pulumi.Input<string>;
  /** Image that behaves as the official postgres image (Debian's, with `bash`), version 16 or later. */
  readonly image: pulumi.Input<string>;
  /** Name of the database and of the role that owns it. @default "app" */
  readonly name?: string;
  /** Further databases of the same owner, created if they don't exist and never deleted. @default none */
  readonly databases?: readonly string[];
  /** Password of the clients' login. A new one takes effect in a minute or two, without a restart of the server. */
  readonly password: pulumi.Input<string>;
  /** Size of the volume, as a Kubernetes quantity; it can grow, never shrink. */
  readonly storage: pulumi.Input<string>;
  /** Storage class. @default the cluster's default class */
  readonly storageClass?: pulumi.Input<string>;
  /** Keeps the data even when the stack is destroyed. @default false */
  readonly protect?: boolean;
  /** Compute resources of the server. */
  readonly resources: Resources;
  /** IP addresses of DNS servers besides the pods of kube-system. @default none */
  readonly dns?: readonly pulumi.Input<string>[];
}

/** Scripts for further databases, only in stacks that have them: a changed ConfigMap restarts the server. */
const withFurtherDatabases = (): Record<string, string> => {
  const {
    "databases.sql": databases,
    "logins.sql": logins,
    ...rest
  } = scriptFiles("databases.sql", "logins.sql", "await-databases.sh");
  return { ...rest, "logins.sql": `${databases}\n${logins}` };
};

/** Seconds until a new login is accepted, at most. The kubelet delivers a changed Secret within about 90. */
const loginSeconds = 300;

/**
 * PostgreSQL on a claim that outlives every container: a StatefulSet of one, reached through a Service by its clients
 * only.
 *
 * A changed password never locks anybody out. Each password has a login role of its own, named after its Secret, and
 * every login acts as the one role that owns the data. `up` opens the new login beside the old one, checks that it is
 * accepted, and only then gives it to the clients. {@link closeEarlierLogins} closes the old one once they use the new.
 * Each step can be repeated, so the next `up` completes an interrupted one. Secrets must be replaced when they change,
 * which is the provider's default (`enableSecretMutable` is not set).
 */
export class Database extends pulumi.ComponentResource {
  /** Connection for clients. */
  readonly connection: DatabaseConnection;
  /** Name of the claim with the data. */
  readonly claim: pulumi.Output<string>;
  readonly #name: string;
  readonly #child: pulumi.CustomResourceOptions;
  readonly #clientJob: Pick<ScriptJobArgs, "namespace" | "account" | "scripts">;

  constructor(name: string, args: DatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:index:Database", name, {}, opts);
    const { namespace, image, name: database = "app", databases, protect = false } = args;
    const labels = { "app.kubernetes.io/name": name, "app.kubernetes.io/component": "database" };
    const clientLabels = { [`slipway/${name}-client`]: "true" };
    const child = { parent: this, hooks: failureReport(this, name) };

    const { credentials, login, urlKey } = loginSecrets(name, args, child);
    const { metadata: scripts } = new k8s.core.v1.ConfigMap(
      `${name}-scripts`,
      {
        metadata: { namespace, labels },
        data: {
          "pg_hba.conf": hostBasedAuthentication(database, databases),
          ...scriptFiles("logins.sh", "logins.sql", "await-login.sh", "close-logins.sh"),
          ...(databases && withFurtherDatabases()),
        },
      },
      child,
    );
    const retained = { parent: this, protect, retainOnDelete: protect };
    const { metadata: claim } = dataClaim(`${name}-data`, `${name}-data`, args, labels, retained);
    const { metadata: service } = new k8s.core.v1.Service(
      `${name}-service`,
      {
        // Clients wait for the server itself. Waiting for its endpoint would delay the end of a failed operation.
        metadata: { name, namespace, labels, annotations: { ...sameFieldManager, ...skipAwait } },
        spec: { selector: labels, ports: [{ name: "postgres", port, targetPort: "postgres" }] },
      },
      child,
    );
    const { metadata: account } = new k8s.core.v1.ServiceAccount(
      `${name}-account`,
      { metadata: { name, namespace, labels, annotations: sameFieldManager }, automountServiceAccountToken: false },
      child,
    );
    const policies = accessPolicies(
      { server: `${name}-clients`, client: `${name}-access` },
      { ...args, port },
      { server: labels, client: clientLabels },
      child,
    );
    const server = databaseServer(
      name,
      { ...args, name: database },
      // The Secret by its fixed name only: the pod must not depend on its replacement.
      { account: account.name, claim: claim.name, scripts: scripts.name, login: `${name}-login` },
      labels,
      { ...child, dependsOn: login },
    );

    const { name: user } = credentials.metadata;
    const connection = { host: service.name, port, name: database, user, secret: user, urlKey, image, clientLabels };
    this.#name = name;
    this.#child = child;
    this.#clientJob = { namespace, account: account.name, scripts: scripts.name };
    const opened = scriptJob(
      `${name}-login-open`,
      {
        ...this.#clientJob,
        script: databases ? "await-databases.sh" : "await-login.sh",
        connection,
        env: furtherDatabases(databases),
        seconds: loginSeconds,
      },
      { ...child, dependsOn: [login, server, ...policies] },
    );
    // Clients learn of a login once the server accepts it.
    this.connection = { ...connection, user: pulumi.all([user, opened.id]).apply(([user]) => user) };
    this.claim = claim.name;
    this.registerOutputs({ connection: this.connection, claim: this.claim });
  }

  /**
   * Closes every login but the current one, once its clients use that.
   *
   * @param clients resources that have to be up to date before
   * @param serving resolves once the clients use the current login
   * @param seconds that sessions of an earlier login have to end by themselves: as long as a client takes to stop
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
