import { UserError } from "../../settings/user-error.ts";

/** One backup on the volume. */
export interface Backup {
  /** When it was made, as in `2026-07-01T03-00-00Z`; with `damaged-` in front where its checksums are wrong. */
  readonly name: string;
  readonly bytes: number;
  readonly tables: number;
}

/** The backups as postgres/restore.sh lists them; the newest last. */
export const parseBackups = (listing: string): Backup[] =>
  listing
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const [name = "", bytes, tables] = line.split(" ");
      return { name, bytes: Number(bytes), tables: Number(tables) };
    });

/**
 * The backup with this name, else the newest one that is intact.
 *
 * @throws UserError where there is none, or it is damaged; lists those there are
 */
export function chooseBackup(backups: Backup[], wanted?: string): Backup {
  const intact = backups.filter(({ name }) => !name.startsWith("damaged-"));
  const chosen = wanted === undefined ? intact.at(-1) : intact.find(({ name }) => name === wanted);
  if (chosen) return chosen;
  const list = backups.map((backup) => `  ${describeBackup(backup)}`).join("\n") || "  none";
  throw new UserError(
    `There is no ${wanted === undefined ? "backup yet" : `intact backup ${wanted}`}. There are:\n${list}`,
  );
}

/** One backup in words: name, age, size. */
export function describeBackup({ name, bytes, tables }: Backup, now = new Date()): string {
  const made = Date.parse(name.replace(/^damaged-/, "").replace(/T(\d\d)-(\d\d)-/, "T$1:$2:"));
  return `${name}  ${age(now.getTime() - made)} old, ${tables} tables, ${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

const age = (milliseconds: number): string => {
  const hours = milliseconds / 3_600_000;
  return hours < 1
    ? `${Math.round(hours * 60)} min`
    : hours < 48
      ? `${Math.round(hours)} h`
      : `${Math.round(hours / 24)} days`;
};

/** What `kubectl get --output json` shows of a CronJob, a Job or a pod, as far as it is looked at here. */
export interface BackupObject {
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
    readonly conditions?: { readonly type: string; readonly status: string; readonly lastTransitionTime: string }[];
    readonly containerStatuses?: {
      readonly state: { readonly terminated?: { readonly exitCode: number; readonly message?: string } };
    }[];
  };
}

/** How the backups of one namespace are, and whether somebody has to look. */
export interface BackupState {
  readonly namespace: string;
  readonly good: boolean;
  /** One line, with what to type where it is not good. */
  readonly text: string;
}

/**
 * Judges the backups of every CronJob among these objects: one whose last Job failed, or whose newest backup is
 * outdated, is not good.
 *
 * @param objects CronJobs, Jobs and pods with the label of backups
 */
export function judgeBackups(objects: BackupObject[], now = new Date()): BackupState[] {
  return objects.filter(({ kind }) => kind === "CronJob").map((cronJob) => judge(cronJob, objects, now));
}

/** Exit code of postgres/backup.sh where it made a backup, but found an earlier one damaged. */
const madeButDamaged = 42;

function judge({ metadata, spec, status }: BackupObject, objects: BackupObject[], now: Date): BackupState {
  const { namespace } = metadata;
  const newest = status?.lastSuccessfulTime;
  const oldness = (time: string | undefined) =>
    time === undefined ? "there is none yet" : `the newest is ${age(now.getTime() - Date.parse(time))} old`;
  const last = oldness(newest);
  const verdict = (good: boolean, text: string): BackupState => ({ namespace, good, text });

  const failed = objects
    .filter(({ kind, metadata: job }) => kind === "Job" && job.ownerReferences?.[0]?.name === metadata.name)
    .filter(({ status }) => status?.conditions?.some(({ type, status }) => type === "Failed" && status === "True"))
    .sort((a, b) => a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp))
    .at(-1);
  if (failed && (newest === undefined || failed.metadata.creationTimestamp > newest)) {
    const job = failed.metadata.name;
    const ends = objects
      .filter(({ kind, metadata }) => kind === "Pod" && metadata.labels?.["job-name"] === job)
      .flatMap(({ status }) => status?.containerStatuses ?? [])
      .map(({ state }) => state.terminated);
    const said = ends.map((end) => end?.message?.trim().split("\n").at(-1)).find(Boolean);
    // The CronJob itself counts only what succeeded.
    const made = ends.some((end) => end?.exitCode === madeButDamaged);
    return verdict(
      false,
      `FAILED, ${made ? oldness(failed.metadata.creationTimestamp) : last}: ${said ?? "no word of why"} ` +
        `(kubectl --namespace ${namespace} logs job/${job})`,
    );
  }
  const hours = Number(metadata.annotations?.["slipway/stale-hours"] ?? 36);
  const since = Date.parse(newest ?? metadata.creationTimestamp);
  if (now.getTime() - since > hours * 3_600_000)
    return verdict(
      false,
      `OUTDATED, ${last}, more than ${hours} h (kubectl --namespace ${namespace} describe cronjobs)`,
    );
  if (spec?.suspend) return verdict(false, `SUSPENDED, ${last}`);
  return verdict(true, newest === undefined ? "none yet, the first is to come" : last);
}
