import { setTimeout as pause } from "node:timers/promises";
import type { CoreV1Api, V1Pod } from "@kubernetes/client-node";

/** The last lines of one container. */
export interface ContainerLog {
  readonly pod: string;
  readonly container: string;
  /** Oldest first; undefined where they could not be had. */
  readonly lines?: string[];
  /** Why there are none. */
  readonly missing?: string;
}

/** Bytes of a log at the most. */
const logBytes = 256 * 1024;

/** Whose log tells most: of a container that was started again, the one before. */
type Run = "current" | "previous";

/** A container that is not well, and its runs that there are, the most telling one first. */
export interface Failing {
  readonly pod: string;
  readonly container: string;
  readonly runs: readonly Run[];
  readonly restarts: number;
}

/** The containers that are not well, each of them once, from the newest pod that has it; most restarts first. */
export function failing(pods: V1Pod[]): Failing[] {
  const found = new Map<string, Failing>();
  for (const { metadata, status } of pods) {
    for (const one of [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]) {
      const before = one.lastState?.terminated;
      const done = one.state?.terminated?.exitCode === 0 && !before;
      const started = one.state?.running ?? one.state?.terminated ?? before;
      if (one.ready || done || !started || found.has(one.name)) continue;
      const runs: Run[] = !before
        ? ["current"]
        : one.state?.terminated
          ? ["current", "previous"]
          : ["previous", "current"];
      found.set(one.name, { pod: metadata?.name ?? "", container: one.name, runs, restarts: one.restartCount });
    }
  }
  return [...found.values()].sort((a, b) => b.restarts - a.restarts);
}

/**
 * What the kubelet answers, as if it were the log, where it has just put that away: it keeps one run besides the current one, and its
 * word of which that is may be a second old.
 */
const putAway = /^unable to retrieve container logs for \S+$/;
const wasPutAway = "it was just put away";
const newWordMs = 1000;

/** The last lines of the first run that has any: a container may be started anew between two looks, and has said nothing then. */
export async function tail(
  core: CoreV1Api,
  namespace: string,
  { pod, container, runs }: Failing,
  tailLines: number,
): Promise<Pick<ContainerLog, "lines" | "missing">> {
  const read = async (run: Run) => {
    const previous = run === "previous";
    const options = { name: pod, namespace, container, previous, tailLines, limitBytes: logBytes };
    const text = (await core.readNamespacedPodLog(options)) ?? "";
    if (putAway.test(text.trim())) throw new Error(wasPutAway);
    const lines = text.split("\n").filter((line) => line.trim() !== "");
    // A line that was cut could show half a secret.
    return Buffer.byteLength(text) >= logBytes ? lines.slice(0, -1) : lines;
  };
  const look = async (): Promise<Pick<ContainerLog, "lines" | "missing">> => {
    let missing = "it wrote nothing";
    for (const run of runs) {
      try {
        const lines = await read(run);
        if (lines.length > 0) return { lines };
      } catch (error) {
        missing = `the log cannot be read: ${(error as Error).message.split("\n")[0]}`;
      }
    }
    return { missing };
  };
  const first = await look();
  return first.missing?.endsWith(wasPutAway) ? pause(newWordMs).then(look) : first;
}
