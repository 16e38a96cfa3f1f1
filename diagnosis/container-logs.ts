import { setTimeout as sleep } from "node:timers/promises";
import type { CoreV1Api, V1Pod } from "@kubernetes/client-node";

/** The last lines of one container. */
export interface ContainerLog {
  readonly pod: string;
  readonly container: string;
  /** Oldest first; undefined if there are none. */
  readonly lines?: string[];
  /** Why there are none. */
  readonly missing?: string;
}

/** Largest part of a log that is read, in bytes. */
const limitBytes = 256 * 1024;

/** Run of a container that may restart. */
type Run = "current" | "previous";

/** A container that is not ready. */
export interface FailingContainer {
  readonly pod: string;
  readonly container: string;
  /** Runs that have a log, the most relevant first. */
  readonly runs: readonly Run[];
  readonly restarts: number;
}

/** Finds the containers that are not ready, each once, in the newest pod that has it; most restarts first. */
export function failingContainers(pods: V1Pod[]): FailingContainer[] {
  const failing = new Map<string, FailingContainer>();
  for (const { metadata, status } of pods) {
    for (const one of [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]) {
      const before = one.lastState?.terminated;
      const done = one.state?.terminated?.exitCode === 0 && !before;
      const started = one.state?.running ?? one.state?.terminated ?? before;
      if (one.ready || done || !started || failing.has(one.name)) continue;
      const runs: Run[] = !before
        ? ["current"]
        : one.state?.terminated
          ? ["current", "previous"]
          : ["previous", "current"];
      failing.set(one.name, { pod: metadata?.name ?? "", container: one.name, runs, restarts: one.restartCount });
    }
  }
  return [...failing.values()].sort((a, b) => b.restarts - a.restarts);
}

/**
 * Answer of the kubelet, in place of the log, if it has just removed that run. It keeps one run besides the current one, and its
 * status of which that is may be a second old.
 */
const removedLog = /^unable to retrieve container logs for \S+$/;
const removed = "it was just removed";
const statusDelayMs = 1000;

/** Reads the last lines of the first run that has any: a container that just restarted has written nothing yet. */
export async function readTail(
  core: CoreV1Api,
  namespace: string,
  { pod, container, runs }: FailingContainer,
  tailLines: number,
): Promise<Pick<ContainerLog, "lines" | "missing">> {
  const read = async (run: Run) => {
    const previous = run === "previous";
    const options = { name: pod, namespace, container, previous, tailLines, limitBytes };
    const text = (await core.readNamespacedPodLog(options)) ?? "";
    if (removedLog.test(text.trim())) throw new Error(removed);
    const lines = text.split("\n").filter((line) => line.trim() !== "");
    // The redactor would not recognise half a secret in a line that was cut.
    return Buffer.byteLength(text) >= limitBytes ? lines.slice(0, -1) : lines;
  };
  const attempt = async (): Promise<Pick<ContainerLog, "lines" | "missing">> => {
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
  const first = await attempt();
  return first.missing?.endsWith(removed) ? sleep(statusDelayMs).then(attempt) : first;
}
