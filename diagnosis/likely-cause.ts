import { constants } from "node:os";
import type { CoreV1Event, V1Pod, V1Probe } from "@kubernetes/client-node";
import { orDenied } from "./denied-connections.ts";
import type { Evidence } from "./evidence.ts";
import { type Cause, type Container, neverStarted, remedyFor } from "./never-started.ts";

/**
 * Finds the most likely cause of a failure: a refusal by the API server, otherwise the first problem in the order of a
 * pod's start.
 */
export function likelyCause(evidence: Evidence): Cause {
  const containers = evidence.pods.flatMap(containersOf);
  const first = (check: (container: Container) => Cause | undefined) =>
    containers.map(check).find((cause) => cause !== undefined);
  return (
    refused(evidence) ??
    neverStarted(evidence, containers) ??
    first(outOfMemory) ??
    workerOutOfMemory(evidence, containers) ??
    orDenied(
      evidence,
      first((container) => failedProbe(container, evidence.events)) ??
        first((container) => ended(container, evidence)) ??
        first((container) => neverReady(container, evidence.events)) ??
        deadlineExceeded(evidence),
    )
  );
}

function containersOf(pod: V1Pod): Container[] {
  const specs = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  return statuses.map((status) => ({ pod, status, spec: specs.find(({ name }) => name === status.name) }));
}

/** A provider's timeout while it waited for pods; any other error comes before the wait. */
const waitTimeout = /failed to fully initialize or become live|timed out waiting|Timeout occurred/i;

const inOneLine = (text: string): string => text.replace(/\s+/g, " ").trim();

function refused({ errors = [], kind }: Evidence): Cause | undefined {
  const error = errors.find((text) => !waitTimeout.test(text));
  if (error === undefined) return undefined;
  const cause = inOneLine(error);
  const remedy = remedyFor(cause, [
    [/conflict/i, "somebody else manages these fields: have them stop, or leave the fields out of what they apply"],
    [/exceeded quota/i, "raise the quota, or ask for less"],
    [/forbidden/i, "give whoever runs pulumi that right"],
    [/refused|no such host|timeout|unreachable/i, "check that the cluster answers"],
  ]);
  return { cause, remedy: remedy ?? `change what it names; it was refused before any pod of the ${kind} was touched` };
}

function outOfMemory({ status, spec }: Container): Cause | undefined {
  const killed = [status.state?.terminated, status.lastState?.terminated].some((end) => end?.reason === "OOMKilled");
  if (!killed) return undefined;
  return overLimit(`container "${status.name}" was killed for memory`, spec);
}

/** Finds a killed process of a running container; the container's status does not show it. */
function workerOutOfMemory({ memoryKills = [] }: Evidence, containers: Container[]): Cause | undefined {
  const [worst] = [...memoryKills].sort((a, b) => b.kills - a.kills);
  if (!worst) return undefined;
  const { pod, container, kills } = worst;
  const spec = containers.find((one) => one.pod.metadata?.name === pod && one.status.name === container)?.spec;
  const killed = kills === 1 ? "1 process" : `${kills} processes`;
  const were = kills === 1 ? "was" : "were";
  return overLimit(
    `${killed} of container "${container}" ${were} killed for memory while the container lived on`,
    spec,
  );
}

function overLimit(killed: string, spec: Container["spec"]): Cause {
  const limit = spec?.resources?.limits?.memory;
  return {
    cause: `${killed}: it went over its limit${limit ? ` of ${limit}` : ""}`,
    remedy: "raise its memory (resources), or find what takes it",
  };
}

/** Finds a container that was restarted for a failed probe; its exit code would point elsewhere. */
function failedProbe({ pod, status, spec }: Container, events: CoreV1Event[]): Cause | undefined {
  const killing = events.findLast(
    ({ reason, message, involvedObject }) =>
      reason === "Killing" &&
      involvedObject.uid === pod.metadata?.uid &&
      message?.includes(`Container ${status.name} failed`),
  )?.message;
  const kind = /failed (startup|liveness) probe/.exec(killing ?? "")?.[1];
  if (!kind) return undefined;
  const probe = kind === "startup" ? spec?.startupProbe : spec?.livenessProbe;
  const answer = probeAnswer(events, kind);
  return {
    cause: `container "${status.name}" never answers its ${kind} probe (${describeProbe(probe)}): ${answer}`,
    remedy:
      hostRefused(answer) ??
      "check that it listens on that port and has that path, and that it may take long enough to start",
  };
}

function ended({ pod, status }: Container, { kind, pods, reason }: Evidence): Cause | undefined {
  const end = status.state?.terminated ?? status.lastState?.terminated;
  if (!end || (kind === "Job" && end.exitCode === 0)) return undefined;
  const exit = `exits with code ${end.exitCode}${signalName(end.exitCode)}`;
  // A Job's deadline also ends attempts that fail by themselves; the deadline itself ends them with a signal.
  const stopped = pod.status?.reason === "DeadlineExceeded" || (reason === "DeadlineExceeded" && end.exitCode > 128);
  if (stopped)
    return {
      cause: `${status.name} exceeded its deadline`,
      remedy: "its log shows how far it came; give it more time, or less to do",
    };
  if (kind === "Job")
    return {
      cause: `${status.name} failed: it ${exit} (${pods.length === 1 ? "1 attempt" : `${pods.length} attempts`})`,
      remedy: "its log below says what failed; what would have followed it was not started",
    };
  const restarts = status.restartCount === 1 ? "1 restart" : `${status.restartCount} restarts`;
  return {
    cause: `crash loop: container "${status.name}" ${exit} soon after its start (${restarts})`,
    remedy:
      end.exitCode === 0 ? "its command ends, but a server has to keep running" : "its log below has its last words",
  };
}

/** Name of the signal that ended a process: by convention, its exit code is 128 and the signal's number. */
function signalName(exitCode: number): string {
  const name = Object.entries(constants.signals).find(([, number]) => number === exitCode - 128)?.[0];
  return name ? ` (${name})` : "";
}

function neverReady({ status, spec }: Container, events: CoreV1Event[]): Cause | undefined {
  if (!status.state?.running || status.ready) return undefined;
  const kind = status.started === false ? "startup" : "readiness";
  const probe = kind === "startup" ? spec?.startupProbe : spec?.readinessProbe;
  const answer = probeAnswer(events, kind);
  return {
    cause: `container "${status.name}" runs but is never ready, its ${kind} probe (${describeProbe(probe)}) fails: ${answer}`,
    remedy:
      hostRefused(answer) ?? "check that path, and what the application needs to be ready: its database, its settings",
  };
}

/** A probe's Host header is the pod's address, which many frameworks refuse with 400 (Bad Request) unless it is allowed. */
const hostRefused = (answer: string): string | undefined =>
  /statuscode: 400\b/.test(answer)
    ? "400 is often the answer to a Host header that the application does not allow: a probe sends the pod's address; set slipway:web.probes.host to a name that it allows (Django: ALLOWED_HOSTS), or answer that path for any host"
    : undefined;

function describeProbe(probe: V1Probe | undefined): string {
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

function deadlineExceeded({ pods, kind, reason, errors: [error] = [] }: Evidence): Cause {
  if (pods.length === 0 && reason === "DeadlineExceeded")
    return { cause: "it exceeded its deadline, and its pods are gone", remedy: "give it more time, or less to do" };
  if (pods.length === 0) return { cause: "no pod was created", remedy: `see \`kubectl describe\` of the ${kind}` };
  return {
    cause: `it exceeded its deadline; no specific cause was found${error ? `. The provider says: ${inOneLine(error)}` : ""}`,
    remedy: "run it again; if it only needs longer, give it a later deadline",
  };
}
