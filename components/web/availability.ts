import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { WebAppArgs } from "../web.ts";

/** Pods of one version on as many nodes and zones as there are; one that finds no other place starts all the same. */
export const spreading = (labels: Record<string, string>) =>
  ["kubernetes.io/hostname", "topology.kubernetes.io/zone"].map((topologyKey) => ({
    topologyKey,
    maxSkew: 1,
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: { matchLabels: labels },
    matchLabelKeys: ["pod-template-hash"],
  }));

/** Lets whoever drains nodes take one pod at a time, and one that is not well at any. */
export const disruptionBudget = (
  name: string,
  { namespace }: WebAppArgs,
  labels: Record<string, string>,
  opts: pulumi.CustomResourceOptions,
): k8s.policy.v1.PodDisruptionBudget =>
  new k8s.policy.v1.PodDisruptionBudget(
    name,
    {
      metadata: { namespace, labels },
      spec: { maxUnavailable: 1, unhealthyPodEvictionPolicy: "AlwaysAllow", selector: { matchLabels: labels } },
    },
    opts,
  );

/** Runs as many pods as the CPU in use asks for. */
export function autoscaler(
  name: string,
  { namespace, replicas }: WebAppArgs,
  deployment: k8s.apps.v1.Deployment,
  opts: pulumi.CustomResourceOptions,
): void {
  new k8s.autoscaling.v2.HorizontalPodAutoscaler(
    name,
    {
      metadata: { namespace },
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: deployment.metadata.name },
        minReplicas: replicas.min,
        maxReplicas: replicas.max,
        metrics: [
          { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } } },
        ],
      },
    },
    opts,
  );
}
