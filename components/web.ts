import * as pulumi from "@pulumi/pulumi";
import { failureReport } from "../diagnosis/failure-report.ts";
import type { DatabaseConnection } from "./database.ts";
import { outgoing } from "./pods/outgoing.ts";
import type { Probes } from "./pods/probes.ts";
import type { Resources } from "./pods/restricted.ts";
import { rolloutDeadline, type VolumesArgs, volumeClaims } from "./pods/volumes.ts";
import { type Application, sharedArgs } from "./web/application.ts";
import { autoscaler, disruptionBudget } from "./web/availability.ts";
import { webDeployment } from "./web/deployment.ts";
import { type Migrated, migration } from "./web/migration.ts";
import { podReferences } from "./web/pod.ts";
import type { ReleaseFacts } from "./web/release-facts.ts";
import { waitForRollout } from "./web/rollout.ts";
import { ingress, networkPolicy, type Route, urlOf, webService } from "./web/traffic.ts";

/** Arguments of {@link WebApp}. */
export interface WebAppArgs {
  /** Namespace to create it in. */
  readonly namespace: pulumi.Input<string>;
  /** Image by digest. */
  readonly image: pulumi.Input<string>;
  /** Name of the Secret with a login for the image's registry. @default none; the nodes can pull the image */
  readonly pullSecret?: pulumi.Input<string>;
  /** Facts about the image, for people. @default none */
  readonly release?: ReleaseFacts;
  /** Port that the application listens on. */
  readonly port: number;
  /** Number of pods. If min and max differ, an autoscaler chooses by the CPU in use. */
  readonly replicas: { readonly min: number; readonly max: number };
  /** Command to run. @default the image's own */
  readonly command?: string[];
  /** Command that migrates the database's schema, before the rollout. @default none */
  readonly migrate?: string[];
  /** Deadline of a migration, in seconds. */
  readonly migrateSeconds: number;
  /** Content key of the migrations in the image; an unchanged key runs none. @default none, and each new image runs them */
  readonly migrations?: string;
  /** Migration of the last update. @default none */
  readonly migrated?: Migrated;
  /** Environment variables. */
  readonly environment: Record<string, string>;
  /** Secret environment variables. */
  readonly secrets: Record<string, pulumi.Input<string>>;
  /** Health checks, and the seconds that a start may take. */
  readonly probes: Probes;
  /** Compute resources of a pod. */
  readonly resources: Resources;
  /** Numeric user and group of the process. */
  readonly user: number;
  /** Seconds for which a pod still serves after it left the load balancers. @default 5, enough for kube-proxy */
  readonly drainSeconds?: number;
  /** Seconds that the process then has to stop. */
  readonly stopSeconds: number;
  /** Seconds without progress after which a rollout has failed. */
  readonly deadlineSeconds: number;
  /** Host name to serve under, through an ingress. @default none */
  readonly host?: string;
  /** Paths under the host that other Services serve. @default none */
  readonly routes?: readonly Route[];
  /** Class of the ingress. @default the cluster's default class */
  readonly ingressClass?: pulumi.Input<string>;
  /** Annotations of the ingress. @default none */
  readonly ingressAnnotations?: Readonly<Record<string, string>>;
  /** Certificate: a Secret, and its issuer in cert-manager (a ClusterIssuer, or `issuer/NAME`). @default an existing Secret */
  readonly tls?: { readonly issuer?: string; readonly secret?: string };
  /** Sources of requests: names of namespaces, and address ranges. @default anywhere */
  readonly allowFrom?: readonly string[];
  /** Destinations of connections, of migrations too: namespaces, address ranges, `internet`, as in `mail:25`. @default DNS and the database */
  readonly allowTo?: readonly string[];
  /** Files besides /tmp: claims that outlive every pod, and scratch folders. With a volume of one writer, there may be one pod. @default none */
  readonly volumes?: VolumesArgs;
  /** Further labels of the pods, migrations too, by which others know their clients. @default none */
  readonly clientLabels?: Readonly<Record<string, string>>;
  /** Port of every node to serve on. @default none */
  readonly nodePort?: number;
  /** Database of the application. @default none */
  readonly database?: DatabaseConnection;
  /** Waits until a new version serves. @default asks the API server */
  readonly waitForRollout?: typeof waitForRollout;
}

/** A stateless web application: a migration on the new image, then a rollout that loses no request. */
export class WebApp extends pulumi.ComponentResource {
  /** URL: through the ingress, on the node's port, or inside the cluster. */
  readonly url: pulumi.Output<string>;
  /** Resolves once the new version serves. */
  readonly ready: pulumi.Output<string>;
  /** Last migration; empty without one, or if the key of the migrations is unknown. */
  readonly migrated: pulumi.Output<Partial<Migrated>>;
  /** Host name of the ingress's load balancer; empty if it has none. */
  readonly loadBalancer: pulumi.Output<string>;
  /** Seconds in which a pod stops. */
  readonly stopsWithin: number;
  /** Parts that the other processes and the schedules of the release share with it. */
  readonly application: Application;

  constructor(name: string, args: WebAppArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:index:WebApp", name, {}, opts);
    const { host, migrate, replicas, drainSeconds = 5, stopSeconds } = args;
    const labels = { "app.kubernetes.io/name": name, "app.kubernetes.io/component": "web" };
    const child = { parent: this, hooks: failureReport(this, name) };

    const references = podReferences(name, args, labels, child);
    const claims = volumeClaims(name, args, labels, this);
    this.stopsWithin = drainSeconds + stopSeconds;
    const deadlineSeconds = rolloutDeadline(args, this.stopsWithin);
    networkPolicy(name, args, labels, child);
    outgoing(name, args, labels, child);
    const first = migrate && migration(name, { ...args, migrate }, labels, references, child);
    const afterMigration = { ...child, dependsOn: first ? [first.job] : [] };
    const deployment = webDeployment(
      name,
      { ...args, drainSeconds, deadlineSeconds, claims },
      labels,
      references,
      afterMigration,
    );
    if (replicas.max > replicas.min) autoscaler(name, args, deployment, child);
    const budget = disruptionBudget(name, args, labels, child);
    const service = webService(name, args, labels, child);
    const edge = host ? ingress(name, { ...args, host }, service, { ...child, dependsOn: deployment }) : service;

    this.url = urlOf(args, service);
    const rollout = (args.waitForRollout ?? waitForRollout)(deployment, this, { deadlineSeconds });
    this.ready = pulumi.all([rollout, budget.id, edge.id]).apply(([name]) => name);
    this.migrated = first?.migrated ?? pulumi.output({});
    this.loadBalancer = pulumi
      .output(edge.status)
      .apply((status) => status?.loadBalancer?.ingress?.[0]?.hostname ?? "");
    this.application = { ...sharedArgs(args), references, migration: first?.job };
    this.registerOutputs({ url: this.url });
  }
}
