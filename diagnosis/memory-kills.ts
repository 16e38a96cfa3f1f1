import { Writable } from "node:stream";
import { Exec, type KubeConfig, type V1Pod } from "@kubernetes/client-node";

/** Processes of a living container that the kernel has killed because the container was at its memory limit. */
export interface MemoryKills {
  readonly pod: string;
  readonly container: string;
  readonly kills: number;
}

/** Milliseconds that one container may take to answer. */
const patience = 3000;

/** The kernel's own counts, of control groups version 2 and 1: https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files */
const files = ["/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control"];

/**
 * Asks running containers how often the kernel killed one of their processes for memory. Kubernetes tells it only where the first process
 * of a container is killed; a server that replaces its workers lives on, with no restart to be seen.
 *
 * @returns the containers that had one; what has no `cat`, or may not be asked, is passed over
 */
export async function memoryKills(config: KubeConfig, namespace: string, pods: V1Pod[]): Promise<MemoryKills[]> {
  const running = pods.flatMap(({ metadata, status }) =>
    (status?.containerStatuses ?? [])
      .filter(({ state }) => state?.running)
      .map(({ name }) => ({ pod: metadata?.name ?? "", container: name })),
  );
  const counted = await Promise.all(
    running.map(async (one) => ({ ...one, kills: countIn(await read(config, namespace, one)) })),
  );
  return counted.filter(({ kills }) => kills > 0);
}

/** The count in the text of either file. */
export const countIn = (text: string): number => Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);

async function read(
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
    setTimeout(resolve, patience).unref();
    new Exec(config)
      .exec(namespace, pod, container, ["cat", ...files], collect, ignore, null, false, () => resolve())
      .then(
        (socket) => setTimeout(() => socket.close(), patience).unref(),
        () => resolve(),
      );
  });
  return text;
}
