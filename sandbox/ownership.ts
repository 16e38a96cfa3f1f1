import { places } from "./places.ts";
import { allProcesses, hasEnvironment, identify, type ProcessIdentity } from "./process-identity.ts";

/** Line in the environment of every service and of what it starts: proof that they are this sandbox's, even without a pid file. */
export const serviceMark = `SLIPWAY_SANDBOX_ROOT=${places.root}`;

/** The same for what `up` and `down` run on the way and wait for. */
export const stepMark = `SLIPWAY_SANDBOX_STEP_OF=${places.root}`;

/** A mark as it is added to an environment. */
export function environmentOf(mark: string): Record<string, string> {
  const separator = mark.indexOf("=");
  return { [mark.slice(0, separator)]: mark.slice(separator + 1) };
}

/** Running processes that carry a mark. */
export function processesWith(mark: string): ProcessIdentity[] {
  return allProcesses()
    .filter((pid) => pid !== process.pid && hasEnvironment(pid, mark))
    .flatMap((pid) => {
      try {
        return [identify(pid)];
      } catch {
        return []; // Ended meanwhile.
      }
    });
}
