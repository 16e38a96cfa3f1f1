import { at, type KubernetesObject } from "../object.ts";
import { condition, explain, statusOf } from "./verdict.ts";

type Terminated = { reason?: string; message?: string; exitCode?: number };
type ContainerStatus = {
  name: string;
  image?: string;
  ready?: boolean;
  restartCount?: number;
  state?: { waiting?: { reason?: string; message?: string }; terminated?: Terminated; running?: object };
  lastState?: { terminated?: Terminated };
};

/**
 * Why a pod is not ready, one sentence a cause: it cannot be scheduled, or for each container its state, the reason, the exit
 * code and the image. Empty for a pod that is ready or has done its work.
 */
export function podCauses(pod: KubernetesObject): string[] {
  const status = statusOf(pod) as { phase?: string; reason?: string; message?: string };
  if (status.phase === "Succeeded" || condition(pod, "Ready")?.status === "True") return [];
  const name = `Pod ${pod.metadata.namespace}/${pod.metadata.name}`;
  const scheduled = condition(pod, "PodScheduled");
  if (scheduled?.status === "False") return [`[${name}]: ${explain(scheduled)}`];
  const own = status.phase === "Failed" && status.reason ? [`[${name}]: ${explain(status)}`] : [];
  const specs = [at(pod, "spec", "initContainers"), at(pod, "spec", "containers")].flat() as ContainerStatus[];
  const images = new Map(specs.filter(Boolean).map((container) => [container.name, container.image]));
  const statuses = [at(pod, "status", "initContainerStatuses"), at(pod, "status", "containerStatuses")].flat();
  const containers = (statuses.filter(Boolean) as ContainerStatus[]).flatMap((container) => {
    const cause = containerCause(container);
    return cause
      ? [`[${name}]: container "${container.name}" (image ${images.get(container.name) ?? container.image}) ${cause}`]
      : [];
  });
  return [...own, ...containers];
}

function containerCause({ state = {}, lastState, ready, restartCount = 0 }: ContainerStatus): string | undefined {
  const ended = lastState?.terminated ? `; it last terminated: ${explainEnd(lastState.terminated)}` : "";
  const restarts = restartCount > 0 ? `, restarted ${restartCount} times` : "";
  if (state.waiting) return `is waiting: ${explain(state.waiting)}${ended}${restarts}`;
  if (state.terminated) {
    return state.terminated.exitCode === 0 ? undefined : `terminated: ${explainEnd(state.terminated)}${restarts}`;
  }
  return ready === false && state.running ? `is running but not ready${ended}${restarts}` : undefined;
}

function explainEnd({ reason, message, exitCode }: Terminated): string {
  return `[${reason ?? "Terminated"}] exit code ${exitCode}${message ? `: ${message.trim()}` : ""}`;
}
