import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { sameFieldManager, skipAwait } from "../cluster/annotations.ts";
import { failureReport } from "../diagnosis/failure-report.ts";
import type { DatabaseConnection } from "./database.ts";
import type { Resources } from "./pods/restricted.ts";
import { autoscaler, disruptionBudget, spreading } from "./web/availability.ts";
import { type Migrated, migration } from "./web/migration.ts";
import { podOf, serving } from "./web/pod.ts";
import { annotations, type ReleaseFacts, releaseFile } from "./web/release-facts.ts";
import { rolledOut } from "./web/rollout.ts";
import { address, ingress, networkPolicy } from "./web/traffic.ts";

export interface WebAppArgs {
  /** Namespace to create it in. */
  readonly namespace: pulumi.Input<string>;
  /** Image by digest. */
  readonly image: pulumi.Input<string>;
  /** What that image is, for people. Default: nothing is said. */
  readonly release?: ReleaseFacts;
  /** Port that the application listens on. */
  readonly port: number;
  /** Number of pods; where min and max differ, scaled with the CPU in use. */
  readonly replicas: { readonly min: number; readonly max: number };
  /** Command to run. Default: the image's own. */
  readonly command?: string[];
  /** Command that brings the database's schema up to date, before the rollout. Default: none. */
  readonly migrate?: string[];
  /** Seconds that it may take. */
  readonly migrateSeconds: number;
  /** A hash of the migrations in the image: where it is the same, there is nothing to migrate. Default: it runs on each new image. */
  readonly migrations?: string;
  /** The migration that the last update recorded; `parseMigration` checks it. Default: none. */
  readonly migrated?: Migrated;
  /** Environment variables. */
  readonly environment: Record<string, string>;
  /** Secret environment variables. */
  readonly secrets: Record<string, pulumi.Input<string>>;
  /** Health checks over HTTP; a start may take `startSeconds`. */
  readonly probes: { readonly live: string; readonly ready: string; readonly startSeconds: number };
  readonly resources: Resources;
  /** Numeric user and group of the process. */
  readonly user: number;
  /** Seconds between a pod leaving the load balancers and its being told to stop. Default 5, enough for kube-proxy. */
  readonly drainSeconds?: number;
  /** Seconds that it then has to finish what it is doing. */
  readonly stopSeconds: number;
  /** Seconds without progress after which a rollout has failed. */
  readonly deadlineSeconds: number;
  /** Host name to serve under, through an ingress. Default: none. */
  readonly host?: string;
  /** Class of the ingress. Default: the cluster's. */
  readonly ingressClass?: pulumi.Input<string>;
  /** Annotations of the ingress. Default: none. */
  readonly ingressAnnotations?: Readonly<Record<string, string>>;
  /** cert-manager's issuer (a ClusterIssuer, or `issuer/NAME` of the namespace) and Secret of the certificate. Default: a Secret that is there. */
  readonly tls?: { readonly issuer?: string; readonly secret?: string };
  /** Where requests may come from: names of namespaces, and ranges of addresses. Default: anywhere. */
  readonly allowFrom?: readonly string[];
  /** Port of every node to serve on. Default: none. */
  readonly nodePort?: number;
  /** The application's database. Default: none. */
  readonly database?: DatabaseConnection;
  /** Waits until a new version serves. Default: asks the cluster's API server. */
  readonly rolledOut?: typeof rolledOut;
}

/**
 * A stateless web application: what there is to migrate first, on the new image, then a rollout in which no request is lost
 * (no pod leaves before its successor is ready, and none stops before the load balancers have let go of it).
 */
export class WebApp extends pulumi.ComponentResource {
  /** Where it is served: through the ingress, on the node's port, or inside the cluster. */
  readonly url: pulumi.Output<string>;
  /** Resolves once the new version serves. */
  readonly ready: pulumi.Output<string>;
  /** The migration that has run; empty where it runs on each new image, and where there is none. */
  readonly migrated: pulumi.Output<Partial<Migrated>>;
  /** Name of the ingress's load balancer, where it has one by a name; empty where it has none. */
  readonly loadBalancer: pulumi.Output<string>;
  /** Seconds in which a pod stops once it is to go. */
  readonly stopsWithin: number;

  constructor(name: string, args: WebAppArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:index:WebApp", name, {}, opts);
    const { namespace, database, drainSeconds = 5, rolledOut: serves = rolledOut } = args;
    this.stopsWithin = drainSeconds + args.stopSeconds;
    const child = { parent: this, hooks: failureReport(this, name) };
    const labels = { "app.kubernetes.io/name": name, "app.kubernetes.io/component": "web" };
    const metadata = { namespace, labels };

    const account = new k8s.core.v1.ServiceAccount(name, { metadata, automountServiceAccountToken: false }, child);
    const secret =
      Object.keys(args.secrets).length > 0
        ? new k8s.core.v1.Secret(`${name}-secrets`, { metadata, stringData: args.secrets }, child)
        : undefined;
    networkPolicy(name, args, labels, child);
    const facts = new k8s.core.v1.ConfigMap(
      `${name}-release`,
      {
        metadata: { ...metadata, name: `${name}-release`, annotations: sameFieldManager },
        data: { "release.json": releaseFile(args.image, args.release) },
      },
      child,
    );

    const needs = { account, secret, facts };
    const { pod, container } = podOf(args, needs);
    const first = args.migrate && migration(name, { ...args, migrate: args.migrate }, labels, needs, child);

    const scaled = args.replicas.max > args.replicas.min;
    const deployment = new k8s.apps.v1.Deployment(
      name,
      {
        metadata: { ...metadata, annotations: { ...annotations(args.release), ...skipAwait } },
        spec: {
          // An autoscaler's number is its own. Left out, it would be Kubernetes' default of one pod where it was a fixed number before.
          replicas: args.replicas.min,
          selector: { matchLabels: labels },
          strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
          progressDeadlineSeconds: args.deadlineSeconds,
          revisionHistoryLimit: 3,
          template: {
            metadata: { labels: { ...labels, ...database?.clientLabels } },
            spec: {
              ...pod,
              terminationGracePeriodSeconds: this.stopsWithin,
              topologySpreadConstraints: spreading(labels),
              containers: [{ ...container, ...serving(args, drainSeconds), name: "web" }],
            },
          },
        },
      },
      {
        ...child,
        dependsOn: first ? [first.job] : [],
        ignoreChanges: scaled ? ["spec.replicas"] : [],
      },
    );

    if (scaled) autoscaler(name, args, deployment, child);
    const budget = disruptionBudget(name, args, labels, child);

    const service = new k8s.core.v1.Service(
      name,
      {
        // A name of its own: one that an interrupted operation left behind is taken over, and with it its port.
        // Not waited for: the Deployment is, and one that fails would have it wait for an endpoint that never comes.
        metadata: { ...metadata, name, annotations: { ...sameFieldManager, ...skipAwait } },
        spec: {
          type: args.nodePort ? "NodePort" : "ClusterIP",
          selector: labels,
          ports: [{ name: "http", port: 80, targetPort: "http", nodePort: args.nodePort }],
        },
      },
      child,
    );
    const edge = args.host
      ? ingress(name, { ...args, host: args.host }, service, { ...child, dependsOn: deployment })
      : service;
    this.loadBalancer = pulumi
      .output(edge.status)
      .apply((status) => status?.loadBalancer?.ingress?.[0]?.hostname ?? "");

    this.url = pulumi.interpolate`${address(args, service)}`;
    this.migrated = first?.migrated ?? pulumi.output({});
    this.ready = pulumi.all([serves(deployment, this, args), budget.id, edge.id]).apply(([name]) => name);
    this.registerOutputs({ url: this.url });
  }
}
