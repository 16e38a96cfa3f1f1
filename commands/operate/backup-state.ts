import { UserError } from "../../settings/user-error.ts";
import { age, type ClusterObject, lastFailure } from "./cron-jobs.ts";

/** Backup on the volume. */
export interface Backup {
  /** Time when it was made, as in `2026-07-01T03-00-00Z`; with the prefix `damaged-` if its checksums are wrong. */
  readonly name: string;
  readonly bytes: number;
  readonly tables: number;
}

/** Parses the list that postgres/restore.sh prints; the newest backup is the last. */
export const parseBackups = (listing: string): Backup[] =>
  listing
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const [name = "", bytes, tables] = line.split(" ");
      return { name, bytes: Number(bytes), tables: Number(tables) };
    });

/**
 * Chooses the wanted backup, or the newest one.
 *
 * @throws UserError if there is none, or it is damaged; it lists the backups
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

/** Describes a backup: name, age, size. */
export function describeBackup({ name, bytes, tables }: Backup, now = new Date()): string {
  const made = Date.parse(name.replace(/^damaged-/, "").replace(/T(\d\d)-(\d\d)-/, "T$1:$2:"));
  return `${name}  ${age(now.getTime() - made)} old, ${tables} tables, ${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

/** State of the backups in a namespace. */
export interface BackupState {
  readonly namespace: string;
  /** Whether nobody has to act. */
  readonly good: boolean;
  /** One line; if it is not good, with the command to type. */
  readonly text: string;
}

/**
 * Checks the backups of every CronJob. They are not good if the last Job failed, or the newest backup is outdated.
 *
 * @param objects CronJobs, Jobs and pods with the label of backups
 */
export function checkBackups(objects: ClusterObject[], now = new Date()): BackupState[] {
  return objects.filter(({ kind }) => kind === "CronJob").map((cronJob) => check(cronJob, objects, now));
}

/** Exit code of postgres/backup.sh if it made a backup, but an earlier one is damaged. */
const madeButDamaged = 42;

function check(cronJob: ClusterObject, objects: ClusterObject[], now: Date): BackupState {
  const { metadata, spec, status } = cronJob;
  const { namespace } = metadata;
  const newest = status?.lastSuccessfulTime;
  const ageOf = (time: string | undefined) =>
    time === undefined ? "there is none yet" : `the newest is ${age(now.getTime() - Date.parse(time))} old`;
  const state = (good: boolean, text: string): BackupState => ({ namespace, good, text });

  const failed = lastFailure(cronJob, objects);
  if (failed) {
    const { started, terminations, message, command } = failed;
    // The CronJob's own status counts only successful Jobs.
    const made = terminations.some(({ exitCode }) => exitCode === madeButDamaged);
    const last = ageOf(made ? started : newest);
    return state(false, `FAILED, ${last}: ${message ?? "no reason given"} (${command})`);
  }
  const hours = Number(metadata.annotations?.["slipway/stale-hours"] ?? 36);
  const since = Date.parse(newest ?? metadata.creationTimestamp);
  if (now.getTime() - since > hours * 3_600_000) {
    const command = `kubectl --namespace ${namespace} describe cronjobs`;
    return state(false, `OUTDATED, ${ageOf(newest)}, more than ${hours} h (${command})`);
  }
  if (spec?.suspend) return state(false, `SUSPENDED, ${ageOf(newest)}`);
  return state(true, newest === undefined ? "none yet, the first is due" : ageOf(newest));
}
