/** Formats an age, as in `5 min`. */
export function age(milliseconds: number): string {
  const hours = milliseconds / 3_600_000;
  if (hours < 1) return `${Math.round(hours * 60)} min`;
  return hours < 48 ? `${Math.round(hours)} h` : `${Math.round(hours / 24)} days`;
}

/** CronJob, Job or pod, as `kubectl get --output json` prints it. */
export interface ClusterObject {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly creationTimestamp: string;
    readonly annotations?: Record<string, string>;
    readonly labels?: Record<string, string>;
    readonly ownerReferences?: { readonly name: string }[];
  };
  readonly spec?: { readonly suspend?: boolean };
  readonly status?: {
    readonly lastSuccessfulTime?: string;
    /** Reason of a pod's phase, as in `DeadlineExceeded`. */
    readonly reason?: string;
    readonly conditions?: readonly Condition[];
    readonly containerStatuses?: { readonly state: { readonly terminated?: Termination } }[];
  };
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime: string;
  readonly reason?: string;
}

/** End of a container. */
interface Termination {
  readonly exitCode: number;
  /** Reason that the container runtime gives, as in `OOMKilled`. */
  readonly reason?: string;
  readonly message?: string;
}

/** Failed run of a CronJob. */
export interface Failure {
  /** Time at which it was started. */
  readonly started: string;
  /** Reason of its pod or of the Job, as in `DeadlineExceeded`. */
  readonly reason?: string;
  readonly terminations: readonly Termination[];
  /** Last line of a container's message. @default none */
  readonly message?: string;
  /** Command that shows its log. */
  readonly command: string;
}

/** Finds the last failed run of a CronJob; undefined if a later one succeeded. @param objects its Jobs and pods, and others */
export function lastFailure(
  { metadata, status }: ClusterObject,
  objects: readonly ClusterObject[],
): Failure | undefined {
  const succeeded = status?.lastSuccessfulTime;
  const failed = objects
    .filter(({ kind, metadata: job }) => kind === "Job" && isOwned(job, metadata))
    .flatMap((job) => {
      const condition = job.status?.conditions?.find(({ type, status }) => type === "Failed" && status === "True");
      return condition ? [{ job: job.metadata, condition }] : [];
    })
    .sort((a, b) => a.job.creationTimestamp.localeCompare(b.job.creationTimestamp))
    .at(-1);
  if (!failed || (succeeded !== undefined && failed.condition.lastTransitionTime < succeeded)) return undefined;
  const { name, namespace, creationTimestamp } = failed.job;
  const pods = objects.filter(
    ({ kind, metadata: pod }) => kind === "Pod" && pod.namespace === namespace && pod.labels?.["job-name"] === name,
  );
  const terminations = pods
    .flatMap(({ status }) => status?.containerStatuses ?? [])
    .flatMap(({ state }) => state.terminated ?? []);
  return {
    started: creationTimestamp,
    reason: pods.map(({ status }) => status?.reason).find(Boolean) ?? failed.condition.reason,
    terminations,
    message: terminations.map(({ message }) => message?.trim().split("\n").at(-1)).find(Boolean),
    command: `kubectl --namespace ${namespace} logs job/${name}`,
  };
}

const isOwned = (job: ClusterObject["metadata"], owner: ClusterObject["metadata"]): boolean =>
  job.namespace === owner.namespace && job.ownerReferences?.[0]?.name === owner.name;
