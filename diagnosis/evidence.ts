import {
  AppsV1Api,
  BatchV1Api,
  CoreV1Api,
  type CoreV1Event,
  type KubeConfig,
  type V1ObjectMeta,
  type V1Pod,
  type V1PodSpec,
  type V1ReplicaSet,
} from "@kubernetes/client-node";
import { type ContainerLog, failingContainers, readTail } from "./container-logs.ts";
import { lastSeen } from "./events.ts";
import { type MemoryKills, memoryKills } from "./memory-kills.ts";
import { deniesOutgoing } from "./network-policies.ts";

/** Identifies a workload. */
export interface WorkloadName {
  readonly kind: "Deployment" | "StatefulSet" | "Job";
  readonly namespace: string;
  readonly name: string;
}

/** Facts about a failed workload. */
export interface Evidence extends WorkloadName {
  /** Pods of the failed version, newest first. */
  readonly pods: V1Pod[];
  /** Events of the workload and of those pods, oldest first. */
  readonly events: CoreV1Event[];
  /** Pods of the previous version that still serve; undefined if the kind of workload has no versions. */
  readonly stillServing?: number;
  /** Reason in the controller's condition. */
  readonly reason?: string;
  readonly logs: ContainerLog[];
  /** Running containers with a process that was killed for memory. */
  readonly memoryKills?: MemoryKills[];
  /** Whether network policies deny its pods outgoing connections that none of them allows. @default false */
  readonly outgoingDenied?: boolean;
  /** Errors of the provider, newest first. */
  readonly errors?: readonly string[];
  /** Values to hide. */
  readonly secrets: string[];
}

const revision = "deployment.kubernetes.io/revision";
/** At most so many pods and logs are read. */
const maxPods = 3;
const maxLogs = 2;

/** Reads the facts about a workload from its cluster. @throws Error if the API server refuses or does not answer */
export async function collectEvidence(config: KubeConfig, workload: WorkloadName, logLines: number): Promise<Evidence> {
  const core = config.makeApiClient(CoreV1Api);
  const { owner, ...state } = await readWorkload(
    config.makeApiClient(AppsV1Api),
    config.makeApiClient(BatchV1Api),
    workload,
  );
  const { items } = await core.listNamespacedPod({ namespace: workload.namespace });
  const pods = items
    .filter(({ metadata }) => isOwnedBy(metadata, owner))
    .sort((a, b) => Number(b.metadata?.creationTimestamp ?? 0) - Number(a.metadata?.creationTimestamp ?? 0));
  const objects = [owner, ...pods.slice(0, maxPods).map(({ metadata }) => metadata?.uid)];
  const [events, secrets, kills, outgoingDenied] = await Promise.all([
    eventsOf(core, workload, objects),
    secretsOf(core, workload, pods),
    memoryKills(config, workload.namespace, pods.slice(0, maxPods)),
    deniesOutgoing(config, workload.namespace, pods[0]),
  ]);
  const logs = await Promise.all(
    failingContainers(pods)
      .slice(0, maxLogs)
      .map(async (one): Promise<ContainerLog> => {
        // Unknown values could not be hidden.
        if (secrets.unreadable)
          return { ...one, missing: `not shown, because ${secrets.unreadable}, whose values it may contain` };
        return { ...one, ...(await readTail(core, workload.namespace, one, logLines)) };
      }),
  );
  return { ...workload, ...state, pods, events, logs, memoryKills: kills, outgoingDenied, secrets: secrets.values };
}

/** State of a workload's controller, and the uid of the owner of the failed version's pods. */
type WorkloadState = Pick<Evidence, "stillServing" | "reason"> & { readonly owner?: string };

async function readWorkload(
  apps: AppsV1Api,
  batch: BatchV1Api,
  { kind, ...name }: WorkloadName,
): Promise<WorkloadState> {
  if (kind === "StatefulSet") {
    const { metadata } = await apps.readNamespacedStatefulSet(name);
    return { owner: metadata?.uid };
  }
  if (kind === "Job") {
    const { metadata, status } = await batch.readNamespacedJob(name);
    const failed = status?.conditions?.find(({ type, status }) => type === "Failed" && status === "True");
    return { owner: metadata?.uid, reason: failed?.reason };
  }
  const { metadata, status } = await apps.readNamespacedDeployment(name);
  const { items } = await apps.listNamespacedReplicaSet({ namespace: name.namespace });
  const sets = items.filter((set) => isOwnedBy(set.metadata, metadata?.uid));
  const current = (set: V1ReplicaSet) => set.metadata?.annotations?.[revision] === metadata?.annotations?.[revision];
  const newest = sets.find(current)?.metadata?.uid;
  const older = sets.filter((set) => !current(set)).reduce((sum, set) => sum + (set.status?.availableReplicas ?? 0), 0);
  const progressing = status?.conditions?.find(({ type, status }) => type === "Progressing" && status === "False");
  return { owner: newest, stillServing: older, reason: progressing?.reason };
}

const isOwnedBy = (metadata: V1ObjectMeta | undefined, uid: string | undefined): boolean =>
  uid !== undefined && (metadata?.ownerReferences?.some((owner) => owner.uid === uid) ?? false);

/** Events of the objects; for a Job also those of its pods, which its deadline deletes. */
async function eventsOf(
  core: CoreV1Api,
  { kind, namespace, name }: WorkloadName,
  uids: (string | undefined)[],
): Promise<CoreV1Event[]> {
  const { items } = await core.listNamespacedEvent({ namespace, limit: 2000 });
  return items
    .filter(({ involvedObject }) => {
      const isDeletedPod =
        kind === "Job" && involvedObject.kind === "Pod" && involvedObject.name?.startsWith(`${name}-`);
      return isDeletedPod || (involvedObject.uid !== undefined && uids.includes(involvedObject.uid));
    })
    .sort((a, b) => Number(lastSeen(a)) - Number(lastSeen(b)));
}

/** Values of all Secrets that the pods may read. */
async function secretsOf(
  core: CoreV1Api,
  { namespace }: WorkloadName,
  pods: V1Pod[],
): Promise<{ values: string[]; unreadable?: string }> {
  const names = [...new Set(pods.slice(0, maxPods).flatMap(({ spec }) => (spec ? secretNames(spec) : [])))];
  const values: string[] = [];
  let unreadable: string | undefined;
  for (const name of names) {
    try {
      const { data } = await core.readNamespacedSecret({ name, namespace });
      values.push(...Object.values(data ?? {}).map((value) => Buffer.from(value, "base64").toString()));
    } catch (error) {
      // A missing Secret has no values.
      if ((error as { code?: number }).code !== 404) unreadable = `Secret ${name} cannot be read`;
    }
  }
  return { values, unreadable };
}

function secretNames({ volumes = [], containers, initContainers = [] }: V1PodSpec): string[] {
  const mounted = volumes.flatMap(({ secret, projected }) => [
    secret?.secretName,
    ...(projected?.sources ?? []).map((source) => source.secret?.name),
  ]);
  const read = [...initContainers, ...containers].flatMap(({ env = [], envFrom = [] }) => [
    ...env.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name),
    ...envFrom.map(({ secretRef }) => secretRef?.name),
  ]);
  return [...mounted, ...read].filter((name) => name !== undefined);
}
