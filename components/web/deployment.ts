import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { skipAwait } from "../../cluster/annotations.ts";
import type { WebAppArgs } from "../web.ts";
import { spreading } from "./availability.ts";
import { type PodReferences, podParts } from "./pod.ts";
import { releaseAnnotations } from "./release-facts.ts";

/** Creates the Deployment: no pod leaves before its successor is ready, or stops before load balancers drained it. */
export function webDeployment(
  name: string,
  args: WebAppArgs & { readonly drainSeconds: number },
  labels: Record<string, string>,
  references: PodReferences,
  opts: pulumi.CustomResourceOptions,
): k8s.apps.v1.Deployment {
  const { namespace, replicas, drainSeconds, stopSeconds } = args;
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
        strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
        progressDeadlineSeconds: args.deadlineSeconds,
        revisionHistoryLimit: 3,
        template: {
          metadata: { labels: { ...labels, ...args.database?.clientLabels } },
          spec: {
            ...pod,
            terminationGracePeriodSeconds: drainSeconds + stopSeconds,
            topologySpreadConstraints: spreading(labels),
            containers: [{ ...container, ...serving(args), name: "web" }],
          },
        },
      },
    },
    { ...opts, ignoreChanges: replicas.max > replicas.min ? ["spec.replicas"] : [] },
  );
}

/** Command, port, probes and drain of a container that serves. */
const serving = ({ command, port, probes, drainSeconds }: WebAppArgs & { readonly drainSeconds: number }) => ({
  command,
  ports: [{ name: "http", containerPort: port }],
  startupProbe: { ...httpGet(probes.live), periodSeconds: 1, failureThreshold: probes.startSeconds },
  readinessProbe: { ...httpGet(probes.ready), periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 2 },
  livenessProbe: { ...httpGet(probes.live), periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
  // Load balancers notice a stopping pod after a while; it serves until they have.
  lifecycle: { preStop: { sleep: { seconds: drainSeconds } } },
});

const httpGet = (path: string) => ({ httpGet: { path, port: "http" } });
