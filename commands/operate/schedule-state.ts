import { age, type ClusterObject, type Failure, lastFailure } from "./cron-jobs.ts";

/** State of a schedule. */
export interface ScheduleState {
  readonly namespace: string;
  /** Name in the settings. */
  readonly name: string;
  /** Whether nobody has to act. */
  readonly good: boolean;
  /** One line; if it is not good, with the command to type. */
  readonly text: string;
}

/**
 * Checks every schedule. It is not good if its last run failed, or somebody suspended it.
 *
 * @param objects CronJobs, Jobs and pods with the label of schedules
 */
export const checkSchedules = (objects: ClusterObject[], now = new Date()): ScheduleState[] =>
  objects.filter(({ kind }) => kind === "CronJob").map((cronJob) => check(cronJob, objects, now));

function check(cronJob: ClusterObject, objects: ClusterObject[], now: Date): ScheduleState {
  const { metadata, spec, status } = cronJob;
  const { namespace, labels } = metadata;
  const name = labels?.["app.kubernetes.io/name"] ?? metadata.name;
  const state = (good: boolean, text: string): ScheduleState => ({ namespace, name, good, text });
  const ago = (time: string) => `${age(now.getTime() - Date.parse(time))} ago`;
  const succeeded = status?.lastSuccessfulTime;
  const last = succeeded === undefined ? "never succeeded yet" : `last succeeded ${ago(succeeded)}`;
  const failed = lastFailure(cronJob, objects);
  if (failed) return state(false, `FAILED ${ago(failed.started)}, ${last}: ${reasonOf(failed)} (${failed.command})`);
  if (spec?.suspend) return state(false, `SUSPENDED, ${last}`);
  return state(true, last);
}

/** Says why a run failed: in its own words if it left any, else by its end. */
function reasonOf({ message, reason, terminations }: Failure): string {
  if (message) return message;
  if (reason === "DeadlineExceeded") return "it exceeded its deadline";
  const end = terminations.find(({ exitCode }) => exitCode !== 0);
  return end ? `exit code ${end.exitCode} (${end.reason ?? "no reason given"})` : (reason ?? "no reason given");
}
