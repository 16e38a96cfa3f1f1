import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { WebAppArgs } from "../web.ts";

/** Constraints that spread the pods of one version over nodes and zones; a pod without another place starts all the same. */
export const spreading = (labels: Record<string, string>) =>
  ["kubernetes.io/hostname", "topology.kubernetes.io/zone"].map((topologyKey) => ({
    topologyKey,
    maxSkew: 1,
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: { matchLabels: labels },
    matchLabelKeys: ["pod-template-hash"],
  }));

/** Creates the budget that lets a node drain evict one pod at a time, and an unhealthy pod at any time. */
export const disruptionBudget = (
  name: string,
  { namespace }: Pick<WebAppArgs, "namespace">,
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

/** Creates the autoscaler, which aims at 70 % of the requested CPU. */
export const autoscaler = (
  name: string,
  { namespace, replicas }: Pick<WebAppArgs, "namespace" | "replicas">,
  deployment: k8s.apps.v1.Deployment,
  opts: pulumi.CustomResourceOptions,
): k8s.autoscaling.v2.HorizontalPodAutoscaler =>
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
