import { constants } from "node:os";
import type { CoreV1Event, V1Container, V1ContainerStatus, V1Pod, V1Probe } from "@kubernetes/client-node";
import type { Evidence } from "./evidence.ts";

/** Why a workload failed, as far as can be told, and what to do about it. Sentences without their full stop. */
export interface Cause {
  readonly cause: string;
  readonly remedy: string;
}

/** A container with what it was asked to be and what became of it. */
interface Subject {
  readonly pod: V1Pod;
  readonly spec?: V1Container;
  readonly status: V1ContainerStatus;
}

/** What most likely went wrong: the first thing, in the order in which a pod comes to life, that did not work. */
export function likelyCause(evidence: Evidence): Cause {
  const subjects = evidence.pods.flatMap(containersOf);
  const first = <T>(judge: (subject: Subject) => T | undefined) =>
    subjects.map(judge).find((answer) => answer !== undefined);
  return (
    notAdmitted(evidence) ??
    notScheduled(evidence.pods) ??
    first(notPulled) ??
    first(notCreated) ??
    notMounted(evidence.events) ??
    first(outOfMemory) ??
    first((subject) => failedProbe(subject, evidence.events)) ??
    first((subject) => ended(subject, evidence)) ??
    first((subject) => neverReady(subject, evidence.events)) ??
    tooSlow(evidence)
  );
}

function containersOf(pod: V1Pod): Subject[] {
  const specs = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  return statuses.map((status) => ({ pod, status, spec: specs.find(({ name }) => name === status.name) }));
}

function notAdmitted({ pods, events, kind }: Evidence): Cause | undefined {
  const message = events.findLast(({ reason }) => reason === "FailedCreate")?.message;
  if (pods.length > 0 || !message) return undefined;
  const why = message.replace(/^Error creating: /, "");
  if (/exceeded quota/.test(why))
    return {
      cause: `no pod was admitted, the namespace's quota is used up: ${why}`,
      remedy: "raise the quota, or ask for less",
    };
  return {
    cause: `no pod was admitted into the namespace: ${why}`,
    remedy: `change what the ${kind}'s pods ask for to what the namespace admits; the message names it`,
  };
}

function notScheduled(pods: V1Pod[]): Cause | undefined {
  for (const { spec, status } of pods) {
    const scheduled = status?.conditions?.find(({ type }) => type === "PodScheduled");
    if (scheduled?.status !== "False") continue;
    const why = scheduled.message?.replace(/\.? preemption:.*$/s, "") ?? scheduled.reason;
    const asked = spec?.containers.map(({ resources }) => quantities(resources?.requests)).join("; ");
    if (/PersistentVolumeClaim|volume/.test(why ?? ""))
      return { cause: `no node can have it: ${why}`, remedy: "look at the claim and its storage class" };
    const room = /Insufficient/.test(why ?? "");
    return {
      cause: `no node can have it: ${why}${room ? ` (it asks for ${asked})` : ""}`,
      remedy: room
        ? "ask for less (resources), or add nodes"
        : "the message says what the nodes lack; change the pods or the nodes",
    };
  }
  return undefined;
}

const quantities = (requests: Record<string, string> = {}): string =>
  Object.entries(requests)
    .map(([name, quantity]) => `${name} ${quantity}`)
    .join(", ");

const pullFailures = ["ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError"];

function notPulled({ status, spec }: Subject): Cause | undefined {
  const waiting = status.state?.waiting;
  if (!pullFailures.includes(waiting?.reason ?? "")) return undefined;
  const said = waiting?.message ?? "";
  const remedies: [RegExp, string][] = [
    [/not found|manifest unknown/i, "check that the registry still has it, and that the repository's name is right"],
    [/unauthorized|denied|forbidden|authorization/i, "let the cluster's nodes read that repository"],
    [/no such host|refused|timeout|unreachable|x509/i, "make the registry reachable from the cluster's nodes"],
  ];
  const remedy = remedies.find(([pattern]) => pattern.test(said))?.[1] ?? "the events below have the registry's answer";
  return { cause: `its image can't be pulled: ${spec?.image ?? status.image}`, remedy };
}

function notCreated({ status }: Subject): Cause | undefined {
  const waiting = status.state?.waiting;
  if (waiting?.reason === "CreateContainerConfigError")
    return {
      cause: `container "${status.name}" can't be made: ${waiting.message}`,
      remedy: "make the Secret or ConfigMap that it names, or stop referring to it",
    };
  const ended = status.state?.terminated ?? status.lastState?.terminated;
  const unstarted = [waiting, ended].find((state) =>
    /RunContainerError|StartError|ContainerCannotRun/.test(state?.reason ?? ""),
  );
  if (!unstarted) return undefined;
  return {
    cause: `container "${status.name}" can't be started: ${ended?.message ?? unstarted.message}`,
    remedy: "check the command against what the image has",
  };
}

function notMounted(events: CoreV1Event[]): Cause | undefined {
  const last = events.at(-1);
  if (last?.reason !== "FailedMount" && last?.reason !== "FailedAttachVolume") return undefined;
  return {
    cause: `a volume can't be mounted: ${last.message}`,
    remedy: "look at the claim, Secret or ConfigMap that it names",
  };
}

function outOfMemory({ status, spec }: Subject): Cause | undefined {
  const killed = [status.state?.terminated, status.lastState?.terminated].some((end) => end?.reason === "OOMKilled");
  if (!killed) return undefined;
  const limit = spec?.resources?.limits?.memory;
  return {
    cause: `container "${status.name}" was killed for memory: it went over its limit${limit ? ` of ${limit}` : ""}`,
    remedy: "raise its memory (resources), or find what takes it",
  };
}

/** A container that is restarted because nobody answers its probe ends in ways that look like its own doing. */
function failedProbe({ pod, status, spec }: Subject, events: CoreV1Event[]): Cause | undefined {
  const killing = events.findLast(
    ({ reason, message, involvedObject }) =>
      reason === "Killing" &&
      involvedObject.uid === pod.metadata?.uid &&
      message?.includes(`Container ${status.name} failed`),
  )?.message;
  const kind = /failed (startup|liveness) probe/.exec(killing ?? "")?.[1];
  if (!kind) return undefined;
  const probe = kind === "startup" ? spec?.startupProbe : spec?.livenessProbe;
  return {
    cause: `container "${status.name}" never answers its ${kind} probe (${asked(probe)}): ${probeAnswer(events, kind)}`,
    remedy: "check that it listens on that port and has that path, and that it may take long enough to start",
  };
}

function ended({ status }: Subject, { kind, pods, reason }: Evidence): Cause | undefined {
  const end = status.state?.terminated ?? status.lastState?.terminated;
  if (!end || (kind === "Job" && end.exitCode === 0)) return undefined;
  const how = `exits with code ${end.exitCode}${signalOf(end.exitCode)}`;
  if (reason === "DeadlineExceeded")
    return {
      cause: `${status.name} took longer than it may`,
      remedy: "its log shows how far it came; give it more time, or less to do",
    };
  if (kind === "Job")
    return {
      cause: `${status.name} failed: it ${how} (${pods.length === 1 ? "1 attempt" : `${pods.length} attempts`})`,
      remedy: "its log below says what failed; what would have followed it was not started",
    };
  const restarts = status.restartCount === 1 ? "1 restart" : `${status.restartCount} restarts`;
  return {
    cause: `crash loop: container "${status.name}" ${how} soon after its start (${restarts})`,
    remedy:
      end.exitCode === 0
        ? "its command ends by itself, where a server has to go on running"
        : "its log below has its last words",
  };
}

/** By convention, 128 and more is the number of the signal that ended the process. */
function signalOf(exitCode: number): string {
  const name = Object.entries(constants.signals).find(([, number]) => number === exitCode - 128)?.[0];
  return name ? ` (${name})` : "";
}

function neverReady({ status, spec }: Subject, events: CoreV1Event[]): Cause | undefined {
  if (!status.state?.running || status.ready) return undefined;
  const kind = status.started === false ? "startup" : "readiness";
  const probe = kind === "startup" ? spec?.startupProbe : spec?.readinessProbe;
  return {
    cause: `container "${status.name}" runs but is never ready, its ${kind} probe (${asked(probe)}) fails: ${probeAnswer(events, kind)}`,
    remedy: "check that path, and what the application needs to be ready: its database, its settings",
  };
}

function asked(probe: V1Probe | undefined): string {
  if (probe?.httpGet) return `GET ${probe.httpGet.path} on port ${probe.httpGet.port}`;
  return probe?.exec?.command?.join(" ") ?? `port ${probe?.tcpSocket?.port ?? probe?.grpc?.port}`;
}

function probeAnswer(events: CoreV1Event[], kind: string): string {
  const pattern = new RegExp(`^${kind} probe (failed|errored)[^:]*: `, "i");
  const message = events.findLast(
    ({ reason, message }) => reason === "Unhealthy" && pattern.test(message ?? ""),
  )?.message;
  return message?.replace(pattern, "").trim() ?? "no answer is recorded";
}

function tooSlow({ pods, kind, reason }: Evidence): Cause {
  if (pods.length === 0 && reason === "DeadlineExceeded")
    return { cause: "it took longer than it may, and its pods are gone", remedy: "give it more time, or less to do" };
  if (pods.length === 0) return { cause: "no pod was made", remedy: `see \`kubectl describe\` of the ${kind}` };
  return {
    cause: "not everything was ready before the deadline, though nothing is seen to be wrong",
    remedy: "run it again; if it only needs longer, give it a later deadline",
  };
}
