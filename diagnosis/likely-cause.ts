import { constants } from "node:os";
import type { CoreV1Event, V1Pod, V1Probe } from "@kubernetes/client-node";
import type { Evidence } from "./evidence.ts";
import { type Cause, neverStarted, type Subject } from "./never-started.ts";

/**
 * What most likely went wrong: what the API server refused, else the first thing, in the order in which a pod comes to life, that did
 * not work.
 */
export function likelyCause(evidence: Evidence): Cause {
  const subjects = evidence.pods.flatMap(containersOf);
  const first = <T>(judge: (subject: Subject) => T | undefined) =>
    subjects.map(judge).find((answer) => answer !== undefined);
  return (
    refused(evidence) ??
    neverStarted(evidence, subjects) ??
    first(outOfMemory) ??
    workerOutOfMemory(evidence, subjects) ??
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

/** A provider that waited in vain says so; whatever else it says, it never came to waiting. */
const waitedInVain = /failed to fully initialize or become live|timed out waiting|Timeout occurred/i;

const inOneLine = (text: string): string => text.replace(/\s+/g, " ").trim();

function refused({ errors = [], kind }: Evidence): Cause | undefined {
  const error = errors.find((text) => !waitedInVain.test(text));
  if (error === undefined) return undefined;
  const said = inOneLine(error);
  const remedies: [RegExp, string][] = [
    [/conflict/i, "somebody else manages these fields: have them stop, or leave the fields out of what they apply"],
    [/exceeded quota/i, "raise the quota, or ask for less"],
    [/forbidden/i, "give whoever runs pulumi that right"],
    [/refused|no such host|timeout|unreachable/i, "see that the cluster answers"],
  ];
  const [, remedy = `change what it names; it was refused before any pod of the ${kind} was touched`] =
    remedies.find(([pattern]) => pattern.test(said)) ?? [];
  return { cause: said, remedy };
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

/** The container lives on, and so nothing else says it. */
function workerOutOfMemory({ memoryKills = [] }: Evidence, subjects: Subject[]): Cause | undefined {
  const [worst] = [...memoryKills].sort((a, b) => b.kills - a.kills);
  if (!worst) return undefined;
  const { pod, container, kills } = worst;
  const spec = subjects.find((one) => one.pod.metadata?.name === pod && one.status.name === container)?.spec;
  const limit = spec?.resources?.limits?.memory;
  const killed = kills === 1 ? "1 process" : `${kills} processes`;
  return {
    cause: `${killed} of container "${container}" ${kills === 1 ? "was" : "were"} killed for memory while the container lived on: it went over its limit${limit ? ` of ${limit}` : ""}`,
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
    remedy:
      hostRefused(events, kind) ??
      "check that it listens on that port and has that path, and that it may take long enough to start",
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
    remedy:
      hostRefused(events, kind) ??
      "check that path, and what the application needs to be ready: its database, its settings",
  };
}

/** A probe asks for the pod's address, which many frameworks answer with 400 (Bad Request) unless that host is allowed. */
const hostRefused = (events: CoreV1Event[], kind: string): string | undefined =>
  /statuscode: 400\b/.test(probeAnswer(events, kind))
    ? "400 is often the answer to a Host header that the application does not allow: a probe sends the pod's address; allow it (Django: ALLOWED_HOSTS), or answer that path for any host"
    : undefined;

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

function tooSlow({ pods, kind, reason, errors: [said] = [] }: Evidence): Cause {
  if (pods.length === 0 && reason === "DeadlineExceeded")
    return { cause: "it took longer than it may, and its pods are gone", remedy: "give it more time, or less to do" };
  if (pods.length === 0) return { cause: "no pod was made", remedy: `see \`kubectl describe\` of the ${kind}` };
  return {
    cause: `it exceeded its deadline; no specific cause was found${said ? `. The provider says: ${inOneLine(said)}` : ""}`,
    remedy: "run it again; if it only needs longer, give it a later deadline",
  };
}
