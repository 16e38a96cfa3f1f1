import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { failureReport } from "../diagnosis/failure-report.ts";
import { healthCheck, healthCheckPath } from "./aws/health-check.ts";
import { serviceAccount } from "./pods/identity.ts";
import { outgoing } from "./pods/outgoing.ts";
import { type Check, containerProbes, loadBalancerPath, type Probes } from "./pods/probes.ts";
import { rolloutDeadline, volumeClaims } from "./pods/volumes.ts";
import type { Application } from "./web/application.ts";
import { autoscaler, disruptionBudget } from "./web/availability.ts";
import { rollingDeployment, serving } from "./web/deployment.ts";
import { waitForRollout } from "./web/rollout.ts";
import { ingress, networkPolicy, webService } from "./web/traffic.ts";
import type { WebAppArgs } from "./web.ts";

/** Arguments that it shares with web. */
type Shared = "replicas" | "resources" | "user" | "volumes" | "drainSeconds" | "stopSeconds" | "deadlineSeconds";
type Network = "host" | "ingressClass" | "ingressAnnotations" | "tls" | "allowFrom" | "allowTo";

/** Arguments of {@link Process}. */
export interface ProcessArgs extends Pick<WebAppArgs, Shared | Network> {
  /** Application that it is part of. */
  readonly application: Application;
  /** Command to run. */
  readonly command: string[];
  /** Port that it listens on. @default none, and nothing reaches it */
  readonly port?: number;
  /** Path below which it serves under its host. @default all of the host */
  readonly path?: string;
  /** Health checks; only commands without a port. `ready` defaults to `live`. @default none without a port, else the path `/` */
  readonly probes?: Omit<Probes, "ready"> & { readonly ready?: Check };
}

/** Seconds for which a process without health checks has to run until it counts as started. */
const settleSeconds = 10;

/**
 * A process of the application beside web: the same image, environment, secrets and database with a command of its own.
 * With a port it serves requests, without one it is a worker. It starts after the migration, and a rollout stops a pod only
 * once its successor runs.
 */
export class Process extends pulumi.ComponentResource {
  /** Resolves once the new version runs. */
  readonly ready: pulumi.Output<string>;
  /** Seconds in which a pod stops. */
  readonly stopsWithin: number;

  constructor(name: string, args: ProcessArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:index:Process", name, {}, opts);
    const { application, replicas, port } = args;
    const { namespace, references, migration } = application;
    const labels = { "app.kubernetes.io/name": name, "app.kubernetes.io/component": "process" };
    const child = { parent: this, hooks: failureReport(this, name) };
    const drainSeconds = args.drainSeconds ?? 5;
    // Nobody sends requests to a process without a port, so it need not drain.
    this.stopsWithin = args.stopSeconds + (port === undefined ? 0 : drainSeconds);
    const deadlineSeconds = rolloutDeadline(args, this.stopsWithin);

    const account = serviceAccount(name, application, labels, child);
    const claims = volumeClaims(name, { ...args, namespace }, labels, this);
    outgoing(name, { ...args, namespace }, labels, child);
    const running =
      port === undefined ? working(args) : serving({ ...args, port, probes: httpProbes(args), drainSeconds });
    const deployment = rollingDeployment(
      name,
      {
        ...application,
        ...args,
        deadlineSeconds,
        claims,
        process: { ...running, name },
        stopsWithin: this.stopsWithin,
        minReadySeconds: port === undefined && !args.probes ? settleSeconds : undefined,
      },
      labels,
      { ...references, account },
      { ...child, dependsOn: migration ? [migration] : [] },
    );
    if (replicas.max > replicas.min) autoscaler(name, { namespace, replicas }, deployment, child);
    const budget = disruptionBudget(name, application, labels, child);
    const edge = port === undefined ? budget : this.#open(name, { ...args, port }, labels, deployment, child);

    const rollout = (application.waitForRollout ?? waitForRollout)(deployment, this, { deadlineSeconds });
    this.ready = pulumi.all([rollout, budget.id, edge.id]).apply(([name]) => name);
    this.registerOutputs({});
  }

  /** Lets requests reach the port, from other pods and, with a host, through an ingress. */
  #open(
    name: string,
    args: ProcessArgs & { readonly port: number },
    labels: Record<string, string>,
    deployment: k8s.apps.v1.Deployment,
    child: pulumi.CustomResourceOptions,
  ): pulumi.CustomResource {
    const { host, ingressAnnotations = {} } = args;
    const { namespace } = args.application;
    networkPolicy(name, { ...args, namespace }, labels, child);
    const annotations =
      healthCheckPath in ingressAnnotations ? healthCheck(loadBalancerPath(httpProbes(args))) : undefined;
    const service = webService(name, { namespace, annotations }, labels, child);
    return host ? ingress(name, { ...args, namespace, host }, service, { ...child, dependsOn: deployment }) : service;
  }
}

const httpProbes = ({ probes = { live: "/", startSeconds: 60 } }: ProcessArgs): Probes => withReady(probes);

const withReady = (probes: NonNullable<ProcessArgs["probes"]>): Probes => ({
  ...probes,
  ready: probes.ready ?? probes.live,
});

/** Command and probes of a process without a port. A probe starts a program of its own, so it seldom runs, and may take long. */
function working({ command, probes }: ProcessArgs): Partial<k8s.types.input.core.v1.Container> {
  if (!probes) return { command };
  const { startupProbe, readinessProbe, livenessProbe } = containerProbes(withReady(probes));
  const seldom = { periodSeconds: 30, timeoutSeconds: 10 };
  return {
    command,
    startupProbe: { ...startupProbe, timeoutSeconds: 10 },
    readinessProbe: { ...readinessProbe, ...seldom },
    livenessProbe: { ...livenessProbe, ...seldom },
  };
}
