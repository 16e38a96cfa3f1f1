import { paths } from "./paths.ts";
import {
  allProcesses,
  hasEnvironment,
  identify,
  type ProcessIdentity,
  startTimeOf,
  variableOf,
} from "./process-identity.ts";

/** Line in the environment of every service and of what it starts: proof that they are this sandbox's, even without a pid file. */
export const serviceMark = `SLIPWAY_SANDBOX_ROOT=${paths.root}`;

const stepName = "SLIPWAY_SANDBOX_STEP_OF";

/** What a command of this checkout (`up`, a test, a measurement) runs on the way and waits for. */
export interface Step extends ProcessIdentity {
  readonly starter: ProcessIdentity;
}

/** The mark of a step: what it belongs to, and who waits for it; by default this process, whose start only Linux tells. */
export function stepMark({ pid, started }: ProcessIdentity = self()): string {
  return `${stepName}=${pid} ${started} ${paths.root}`;
}

const self = () => ({ pid: process.pid, started: startTimeOf(process.pid) ?? 0 });

/** Running steps of this sandbox, with what they have started themselves. */
export function steps(): Step[] {
  return alive(allProcesses()).flatMap((each) => {
    const [pid, started, ...root] = variableOf(each.pid, stepName)?.split(" ") ?? [];
    const isOurs = each.pid !== process.pid && root.join(" ") === paths.root;
    return isOurs ? [{ ...each, starter: { pid: Number(pid), started: Number(started) } }] : [];
  });
}

/** A mark as it is added to an environment. */
export function environmentOf(mark: string): Record<string, string> {
  const separator = mark.indexOf("=");
  return { [mark.slice(0, separator)]: mark.slice(separator + 1) };
}

/** Running processes that carry a mark. */
export function processesWith(mark: string): ProcessIdentity[] {
  return alive(allProcesses().filter((pid) => pid !== process.pid && hasEnvironment(pid, mark)));
}

function alive(pids: readonly number[]): ProcessIdentity[] {
  return pids.flatMap((pid) => {
    try {
      return [identify(pid)];
    } catch {
      return []; // Ended meanwhile.
    }
  });
}
