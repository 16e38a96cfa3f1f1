import { paths } from "./paths.ts";
import {
  allProcesses,
  hasEnvironment,
  identifyAll,
  type ProcessIdentity,
  startTimeOf,
  variableOf,
} from "./process-identity.ts";

/** Line in the environment of every service and its children: shows that they are this sandbox's, even without a pid file. */
export const serviceMark = `SLIPWAY_SANDBOX_ROOT=${paths.root}`;

const stepName = "SLIPWAY_SANDBOX_STEP_OF";

/** Process that a command of this checkout (`up`, a test, a benchmark) started and waits for. */
export interface Step extends ProcessIdentity {
  readonly starter: ProcessIdentity;
}

/** Line in the environment of a step that names its starter. @default this process, with start time 0 outside Linux */
export function stepMark({ pid, started }: ProcessIdentity = self()): string {
  return `${stepName}=${pid} ${started} ${paths.root}`;
}

const self = () => ({ pid: process.pid, started: startTimeOf(process.pid) ?? 0 });

/** Running steps of this sandbox, and their children. */
export function steps(): Step[] {
  return identifyAll(allProcesses()).flatMap((each) => {
    const [pid, started, ...root] = variableOf(each.pid, stepName)?.split(" ") ?? [];
    const isOurs = each.pid !== process.pid && root.join(" ") === paths.root;
    return isOurs ? [{ ...each, starter: { pid: Number(pid), started: Number(started) } }] : [];
  });
}

/** Variable with a mark, to add to an environment. */
export function environmentOf(mark: string): Record<string, string> {
  const separator = mark.indexOf("=");
  return { [mark.slice(0, separator)]: mark.slice(separator + 1) };
}

/** Running processes, except this one, that carry a mark. */
export function processesWith(mark: string): ProcessIdentity[] {
  return identifyAll(allProcesses().filter((pid) => pid !== process.pid && hasEnvironment(pid, mark)));
}
