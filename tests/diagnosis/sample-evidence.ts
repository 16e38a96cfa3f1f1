import type { CoreV1Event, V1ContainerStatus, V1Pod } from "@kubernetes/client-node";
import type { Evidence } from "../../diagnosis/evidence.ts";

const spec = {
  containers: [
    {
      name: "web",
      image: "registry.example.com/shop@sha256:abc",
      resources: { requests: { cpu: "64", memory: "384Mi" }, limits: { memory: "384Mi" } },
      startupProbe: { httpGet: { path: "/live", port: "http" } },
      readinessProbe: { httpGet: { path: "/ready", port: "http" } },
    },
  ],
};

/** A pod of a new version with one container. */
export function pod(container: Partial<V1ContainerStatus>, status: V1Pod["status"] = {}): V1Pod {
  const state = { name: "web", image: "", imageID: "", ready: false, restartCount: 0, ...container };
  return {
    metadata: { name: "web-1-abc", uid: "pod-uid", ownerReferences: [] },
    spec,
    status: { phase: "Pending", containerStatuses: [state], ...status },
  };
}

/** A warning about that pod, at a minute of the hour. */
export function event(reason: string, message: string, minute = 0): CoreV1Event {
  const seen = new Date(Date.UTC(2026, 0, 1, 12, minute));
  return { metadata: {}, involvedObject: { uid: "pod-uid" }, type: "Warning", reason, message, lastTimestamp: seen };
}

/** Evidence on a failed Deployment. */
export const evidence = (facts: Partial<Evidence> = {}): Evidence => ({
  kind: "Deployment",
  namespace: "shop",
  name: "web-1",
  pods: [],
  events: [],
  logs: [],
  secrets: [],
  ...facts,
});
