import type { Cluster } from "../cluster.ts";
import { at, type KubernetesObject, kindOf } from "../object.ts";
import { podCauses } from "./pods.ts";
import { judgeClaim, judgeIngress, judgeService, judgeVolume, selectsPods } from "./resources.ts";
import type { Verdict } from "./verdict.ts";
import { judgeDaemonSet, judgeDeployment, judgeJob, judgePod, judgeStatefulSet } from "./workloads.ts";

/** How the plugin waits for objects of a kind. */
export type Waiting = {
  /** Seconds until the wait is given up, where neither the resource nor an annotation says otherwise. */
  timeoutSeconds: number;
  /** Looks at the object (and at what it depends on) and says how far it is, in a wait since a moment (milliseconds since 1970). */
  judge(object: KubernetesObject, cluster: Cluster, since?: number): Verdict | Promise<Verdict>;
  /** Looks at the object's pods and says what keeps them from being ready. */
  causes?(object: KubernetesObject, cluster: Cluster): Promise<string[]>;
  /**
   * Milliseconds for which a failure must stand before it counts. A Deployment's failure may be that of the rollout before,
   * until its controller has looked at the new one.
   */
  failureStandsForMs?: number;
};

const pods = { group: "", version: "v1", kind: "Pod" };

const waitings: { [kind: string]: Waiting } = {
  "apps/Deployment": {
    timeoutSeconds: 600,
    judge: (deployment, _, since) => judgeDeployment(deployment, since),
    causes: newestPodCauses,
    failureStandsForMs: 2000,
  },
  "apps/StatefulSet": { timeoutSeconds: 600, judge: judgeStatefulSet, causes: selectedPodCauses },
  "apps/DaemonSet": { timeoutSeconds: 600, judge: judgeDaemonSet, causes: selectedPodCauses },
  "batch/Job": { timeoutSeconds: 600, judge: judgeJob, causes: selectedPodCauses },
  "/Pod": { timeoutSeconds: 300, judge: judgePod, causes: async (pod) => podCauses(pod) },
  "/PersistentVolumeClaim": {
    timeoutSeconds: 300,
    judge: async (claim, cluster) => judgeClaim(claim, await bindsLate(claim, cluster)),
  },
  "/PersistentVolume": { timeoutSeconds: 300, judge: judgeVolume },
  "/Service": {
    timeoutSeconds: 600,
    judge: async (service, cluster) => judgeService(service, await slicesOf(service, cluster)),
  },
  "networking.k8s.io/Ingress": { timeoutSeconds: 600, judge: judgeIngress },
};

/** How to wait for an object; undefined for a kind that is ready as soon as it exists. */
export function waitingFor(object: KubernetesObject): Waiting | undefined {
  const { group, kind } = kindOf(object);
  return waitings[`${group}/${kind}`];
}

async function selectedPods(object: KubernetesObject, cluster: Cluster): Promise<KubernetesObject[]> {
  const labels = at(object, "spec", "selector", "matchLabels");
  const selector = Object.entries((labels ?? {}) as { [label: string]: string }).map(
    ([key, value]) => `${key}=${value}`,
  );
  return selector.length === 0 ? [] : cluster.list(pods, object.metadata.namespace, selector.join(","));
}

async function selectedPodCauses(object: KubernetesObject, cluster: Cluster): Promise<string[]> {
  return (await selectedPods(object, cluster)).flatMap(podCauses);
}

/** The causes of a Deployment's newest pods: those of the old version are on their way out. */
async function newestPodCauses(deployment: KubernetesObject, cluster: Cluster): Promise<string[]> {
  const revision = deployment.metadata.annotations?.["deployment.kubernetes.io/revision"];
  const sets = await cluster.list({ group: "apps", version: "v1", kind: "ReplicaSet" }, deployment.metadata.namespace);
  const newest = sets.find(
    ({ metadata }) =>
      metadata.annotations?.["deployment.kubernetes.io/revision"] === revision &&
      metadata.ownerReferences?.some(({ uid }) => uid === deployment.metadata.uid),
  );
  if (!newest) return [];
  const own = (await selectedPods(deployment, cluster)).filter(({ metadata }) =>
    metadata.ownerReferences?.some(({ uid }) => uid === newest.metadata.uid),
  );
  // A ReplicaSet that may not make pods (a quota, a refused security setting) says why in a condition of its own.
  const conditions = (at(newest, "status", "conditions") ?? []) as { type: string; status: string; message?: string }[];
  const refused = conditions.filter(({ type, status }) => type === "ReplicaFailure" && status === "True");
  return [
    ...refused.map(({ message }) => `[ReplicaSet ${newest.metadata.name}]: ${message}`),
    ...own.flatMap(podCauses),
  ];
}

async function slicesOf(service: KubernetesObject, cluster: Cluster): Promise<KubernetesObject[]> {
  if (!selectsPods(service)) return [];
  const kind = { group: "discovery.k8s.io", version: "v1", kind: "EndpointSlice" };
  return cluster.list(kind, service.metadata.namespace, `kubernetes.io/service-name=${service.metadata.name}`);
}

async function bindsLate(claim: KubernetesObject, cluster: Cluster): Promise<boolean> {
  const name = at(claim, "spec", "storageClassName");
  if (typeof name !== "string" || name === "") return false;
  const storageClass = await cluster.get({ group: "storage.k8s.io", version: "v1", kind: "StorageClass" }, name);
  return storageClass?.volumeBindingMode === "WaitForFirstConsumer";
}
