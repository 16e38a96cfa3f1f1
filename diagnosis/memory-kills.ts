import { Writable } from "node:stream";
import { Exec, type KubeConfig, type V1Pod } from "@kubernetes/client-node";

/** Processes of a running container that the kernel killed because the container reached its memory limit. */
export interface MemoryKills {
  readonly pod: string;
  readonly container: string;
  readonly kills: number;
}

/** Milliseconds for the answer of one container. */
const execTimeout = 3000;

/** The kernel's counters in control groups version 2 and 1: https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files */
const files = ["/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control"];

/**
 * Reads how often the kernel killed a process of each running container for memory. Kubernetes reports only a killed first
 * process; a server that replaces its workers keeps running, without a restart.
 *
 * @returns the containers with a killed process; ignores those without `cat` or the right to run it
 */
export async function memoryKills(config: KubeConfig, namespace: string, pods: V1Pod[]): Promise<MemoryKills[]> {
  const running = pods.flatMap(({ metadata, status }) =>
    (status?.containerStatuses ?? [])
      .filter(({ state }) => state?.running)
      .map(({ name }) => ({ pod: metadata?.name ?? "", container: name })),
  );
  const counted = await Promise.all(
    running.map(async (one) => ({ ...one, kills: killCount(await readCounters(config, namespace, one)) })),
  );
  return counted.filter(({ kills }) => kills > 0);
}

const killCount = (text: string): number => Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);

async function readCounters(
  config: KubeConfig,
  namespace: string,
  { pod, container }: { pod: string; container: string },
): Promise<string> {
  let text = "";
  const collect = new Writable({
    write(chunk, _, done) {
      text += chunk;
      done();
    },
  });
  const ignore = new Writable({ write: (_chunk, _, done) => done() });
  await new Promise<void>((resolve) => {
    setTimeout(resolve, execTimeout).unref();
    new Exec(config)
      .exec(namespace, pod, container, ["cat", ...files], collect, ignore, null, false, () => resolve())
      .then(
        (socket) => setTimeout(() => socket.close(), execTimeout).unref(),
        () => resolve(),
      );
  });
  return text;
}
