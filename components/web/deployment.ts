import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { skipAwait } from "../../cluster/annotations.ts";
import { containerAsWritten } from "../pods/as-written.ts";
import { containerProbes } from "../pods/probes.ts";
import { type Claims, stopsFirst } from "../pods/volumes.ts";
import type { WebAppArgs } from "../web.ts";
import { spreading } from "./availability.ts";
import { type PodArgs, type PodReferences, podParts } from "./pod.ts";
import { releaseAnnotations } from "./release-facts.ts";

/** Creates the Deployment of the web application, whose pods stop only after load balancers drained them. */
export function webDeployment(
  name: string,
  args: WebAppArgs & { readonly drainSeconds: number; readonly claims: Claims },
  labels: Record<string, string>,
  references: PodReferences,
  opts: pulumi.CustomResourceOptions,
): k8s.apps.v1.Deployment {
  const process = { ...serving(args), name: "web" };
  const stopsWithin = args.drainSeconds + args.stopSeconds;
  return rollingDeployment(name, { ...args, process, stopsWithin }, labels, references, opts);
}

/** Arguments of {@link rollingDeployment}. */
interface DeploymentArgs
  extends PodArgs,
    Pick<WebAppArgs, "namespace" | "replicas" | "release" | "deadlineSeconds" | "clientLabels"> {
  /** Name, command, ports and probes of its container. */
  readonly process: { readonly name: string } & Partial<k8s.types.input.core.v1.Container>;
  /** Seconds in which a pod stops. */
  readonly stopsWithin: number;
  /** Seconds for which a pod has to run before it counts as available. @default none; its readiness probe decides */
  readonly minReadySeconds?: number;
}

/**
 * Creates a Deployment: no pod leaves before its successor is available. Only a volume with one writer has the pod stop
 * first: its successor could not mount the volume on another node, and both would write on the same one.
 */
export function rollingDeployment(
  name: string,
  args: DeploymentArgs,
  labels: Record<string, string>,
  references: PodReferences,
  opts: pulumi.CustomResourceOptions,
): k8s.apps.v1.Deployment {
  const { namespace, replicas } = args;
  const { pod, container } = podParts(args, references);
  return new k8s.apps.v1.Deployment(
    name,
    {
      metadata: { namespace, labels, annotations: { ...releaseAnnotations(args.release), ...skipAwait } },
      spec: {
        // Set even with an autoscaler, which then owns the number. Without it, a change from a fixed number to a range would
        // begin with Kubernetes' default of one pod.
        replicas: replicas.min,
        selector: { matchLabels: labels },
        strategy: stopsFirst(args.volumes)
          ? { type: "Recreate" }
          : { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
        minReadySeconds: args.minReadySeconds,
        progressDeadlineSeconds: args.deadlineSeconds,
        revisionHistoryLimit: 3,
        template: {
          metadata: { labels: { ...labels, ...args.database?.clientLabels, ...args.clientLabels } },
          spec: {
            ...pod,
            terminationGracePeriodSeconds: args.stopsWithin,
            topologySpreadConstraints: spreading(labels),
            containers: [containerAsWritten({ ...container, ...args.process }, references.secretNames)],
          },
        },
      },
    },
    { ...opts, ignoreChanges: replicas.max > replicas.min ? ["spec.replicas"] : [] },
  );
}

/** Command, port, probes and drain of a container that serves. */
export const serving = ({
  command,
  port,
  probes,
  drainSeconds,
}: Pick<WebAppArgs, "command" | "port" | "probes"> & { readonly drainSeconds: number }) => ({
  command,
  ports: [{ name: "http", containerPort: port }],
  ...containerProbes(probes),
  // Load balancers notice a stopping pod after a while; it serves until they have.
  lifecycle: { preStop: { sleep: { seconds: drainSeconds } } },
});
