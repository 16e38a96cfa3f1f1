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
import { lastSeen } from "./events.ts";
import { type ContainerLog, failing, tail } from "./container-logs.ts";
import { type MemoryKills, memoryKills } from "./memory-kills.ts";

/** Which object to look at. */
export interface WorkloadName {
  readonly kind: "Deployment" | "StatefulSet" | "Job";
  readonly namespace: string;
  readonly name: string;
}

/** What a cluster knows of a workload that failed. */
export interface Evidence extends WorkloadName {
  /** The failed version's pods, newest first. */
  readonly pods: V1Pod[];
  /** Events of the workload and of those pods, oldest first. */
  readonly events: CoreV1Event[];
  /** Pods of the version before that still serve; undefined for what has no such thing. */
  readonly stillServing?: number;
  /** Why its controller gave up, in the controller's own word. */
  readonly reason?: string;
  readonly logs: ContainerLog[];
  /** Containers that live on although one of their processes was killed for memory. */
  readonly memoryKills?: MemoryKills[];
  /** What the provider said, newest first. */
  readonly errors?: readonly string[];
  /** Values that must not be shown. */
  readonly secrets: string[];
}

interface Owned {
  readonly metadata?: V1ObjectMeta;
}

const revision = "deployment.kubernetes.io/revision";
const podsLookedAt = 3;
const logsShown = 2;

/** Reads what is known of a workload. @throws what the API server answers, or fails to answer */
export async function gather(config: KubeConfig, workload: WorkloadName, logLines: number): Promise<Evidence> {
  const core = config.makeApiClient(CoreV1Api);
  const found = await look(config.makeApiClient(AppsV1Api), config.makeApiClient(BatchV1Api), workload);
  const { items } = await core.listNamespacedPod({ namespace: workload.namespace });
  const pods = items
    .filter(({ metadata }) => isOwnedBy(metadata, found.owner))
    .sort((a, b) => Number(b.metadata?.creationTimestamp ?? 0) - Number(a.metadata?.creationTimestamp ?? 0));
  const objects = [...found.objects, ...pods.slice(0, podsLookedAt).map(({ metadata }) => metadata?.uid)];
  const [events, secrets, kills] = await Promise.all([
    eventsOf(core, workload, objects),
    secretsOf(core, workload, pods),
    memoryKills(config, workload.namespace, pods.slice(0, podsLookedAt)),
  ]);
  const logs = await Promise.all(
    failing(pods)
      .slice(0, logsShown)
      .map(async (one): Promise<ContainerLog> => {
        // A value that is not known could not be hidden.
        if (secrets.unreadable)
          return { ...one, missing: `not shown, because ${secrets.unreadable}, whose values it may contain` };
        return { ...one, ...(await tail(core, workload.namespace, one, logLines)) };
      }),
  );
  return { ...workload, ...found, pods, events, logs, memoryKills: kills, secrets: secrets.values };
}

interface Found {
  /** Identity of what owns the failed version's pods. */
  readonly owner?: string;
  /** Identities whose events tell something. */
  readonly objects: (string | undefined)[];
  readonly stillServing?: number;
  readonly reason?: string;
}

async function look(apps: AppsV1Api, batch: BatchV1Api, { kind, ...place }: WorkloadName): Promise<Found> {
  if (kind === "StatefulSet") {
    const { metadata } = await apps.readNamespacedStatefulSet(place);
    return { owner: metadata?.uid, objects: [metadata?.uid] };
  }
  if (kind === "Job") {
    const { metadata, status } = await batch.readNamespacedJob(place);
    const failed = status?.conditions?.find(({ type, status }) => type === "Failed" && status === "True");
    return { owner: metadata?.uid, objects: [metadata?.uid], reason: failed?.reason };
  }
  const { metadata, status } = await apps.readNamespacedDeployment(place);
  const { items } = await apps.listNamespacedReplicaSet({ namespace: place.namespace });
  const sets = items.filter((set) => isOwnedBy(set.metadata, metadata?.uid));
  const current = (set: V1ReplicaSet) => set.metadata?.annotations?.[revision] === metadata?.annotations?.[revision];
  const newest = sets.find(current)?.metadata?.uid;
  const older = sets.filter((set) => !current(set)).reduce((sum, set) => sum + (set.status?.availableReplicas ?? 0), 0);
  const progressing = status?.conditions?.find(({ type, status }) => type === "Progressing" && status === "False");
  return { owner: newest, objects: [newest], stillServing: older, reason: progressing?.reason };
}

const isOwnedBy = (metadata: Owned["metadata"], uid: string | undefined): boolean =>
  uid !== undefined && (metadata?.ownerReferences?.some((owner) => owner.uid === uid) ?? false);

/** Events of the objects; of a Job also those of pods that are gone, which its deadline deletes. */
async function eventsOf(
  core: CoreV1Api,
  { kind, namespace, name }: WorkloadName,
  uids: (string | undefined)[],
): Promise<CoreV1Event[]> {
  const { items } = await core.listNamespacedEvent({ namespace, limit: 2000 });
  return items
    .filter(({ involvedObject }) => {
      const isGone = kind === "Job" && involvedObject.kind === "Pod" && involvedObject.name?.startsWith(`${name}-`);
      return isGone || (involvedObject.uid !== undefined && uids.includes(involvedObject.uid));
    })
    .sort((a, b) => Number(lastSeen(a)) - Number(lastSeen(b)));
}

/** The values of every Secret that the pods may read. */
async function secretsOf(
  core: CoreV1Api,
  { namespace }: WorkloadName,
  pods: V1Pod[],
): Promise<{ values: string[]; unreadable?: string }> {
  const names = [...new Set(pods.slice(0, podsLookedAt).flatMap(({ spec }) => (spec ? secretNames(spec) : [])))];
  const values: string[] = [];
  let unreadable: string | undefined;
  for (const name of names) {
    try {
      const { data } = await core.readNamespacedSecret({ name, namespace });
      values.push(...Object.values(data ?? {}).map((value) => Buffer.from(value, "base64").toString()));
    } catch (error) {
      // One that does not exist has no values.
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
