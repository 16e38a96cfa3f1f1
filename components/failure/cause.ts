import { constants } from "node:os";
import type { CoreV1Event, V1Pod, V1Probe } from "@kubernetes/client-node";
import type { Evidence } from "./evidence.ts";
import { type Cause, neverStarted, type Subject } from "./never-started.ts";

/** What most likely went wrong: the first thing, in the order in which a pod comes to life, that did not work. */
export function likelyCause(evidence: Evidence): Cause {
  const subjects = evidence.pods.flatMap(containersOf);
  const first = <T>(judge: (subject: Subject) => T | undefined) =>
    subjects.map(judge).find((answer) => answer !== undefined);
  return (
    neverStarted(evidence, subjects) ??
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

function ended({ pod, status }: Subject, { kind, pods, reason }: Evidence): Cause | undefined {
  const end = status.state?.terminated ?? status.lastState?.terminated;
  if (!end || (kind === "Job" && end.exitCode === 0)) return undefined;
  const how = `exits with code ${end.exitCode}${signalOf(end.exitCode)}`;
  // The Job's own deadline also ends the attempts at what fails by itself; what is stopped ends by a signal.
  const stopped = pod.status?.reason === "DeadlineExceeded" || (reason === "DeadlineExceeded" && end.exitCode > 128);
  if (stopped)
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
