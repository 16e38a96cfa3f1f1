import type { CoreV1Event, V1ContainerStatus, V1Pod } from "@kubernetes/client-node";
import type { ContainerLog } from "./container-logs.ts";
import { lastSeen } from "./events.ts";
import type { Evidence } from "./evidence.ts";
import { likelyCause } from "./likely-cause.ts";

/** Limits of a report. */
const maxLines = 60;
const maxCharacters = 240;
const maxPods = 4;
const maxEvents = 8;

/** Log lines in a report, of all containers together. */
export const logLines = 32;

/**
 * Writes the report on a failed workload, in at most 60 lines: first the likely cause and its remedy, then the evidence.
 *
 * @param hide hides secret values in a text
 */
export function describeFailure(evidence: Evidence, hide: (text: string) => string, now = new Date()): string {
  const { kind, namespace, name, stillServing } = evidence;
  const { cause, remedy } = likelyCause(evidence);
  const serving = stillServing === 1 ? "1 pod" : `${stillServing} pods`;
  const perLog = Math.floor(logLines / Math.max(1, evidence.logs.length));
  const lines = [
    `${kind} ${name}, likely cause: ${cause}`,
    `  What to do: ${remedy}. Then run pulumi up again; nothing has to be cleaned up.`,
    ...(stillServing ? [`  The previous version keeps serving with ${serving}.`] : []),
    `  Its pods, in namespace ${namespace}:`,
    ...section(evidence.pods.slice(0, maxPods).flatMap(describePod), "none"),
    ...(evidence.pods.length > maxPods ? [`    and ${evidence.pods.length - maxPods} more`] : []),
    "  Last events:",
    ...section(describeEvents(evidence.events, now), "none"),
    ...evidence.logs.flatMap((log) => describeLog(log, perLog)),
  ];
  return lines
    .map((line) => shorten(hide(printable(line))))
    .slice(0, maxLines)
    .join("\n");
}

const section = (lines: string[], none: string): string[] =>
  (lines.length > 0 ? lines : [none]).map((line) => `    ${line}`);

function describePod({ metadata, spec, status }: V1Pod): string[] {
  const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const phase = `${metadata?.name}: ${status?.reason ?? status?.phase}${spec?.nodeName ? "" : ", on no node"}`;
  return [phase, ...statuses.slice(0, 3).map((one) => `  ${one.name}: ${describeContainer(one)}`)];
}

function describeContainer({ state, lastState, ready, restartCount }: V1ContainerStatus): string {
  const ended = (end: { reason?: string; exitCode: number }) => `exit code ${end.exitCode} (${end.reason})`;
  const now = [
    state?.waiting && `waiting (${state.waiting.reason})`,
    state?.terminated && ended(state.terminated),
    state?.running && (ready ? "ready" : "running, not ready"),
  ].find(Boolean);
  const before = lastState?.terminated && `before that ${ended(lastState.terminated)}`;
  const restarts = restartCount > 0 && (restartCount === 1 ? "1 restart" : `${restartCount} restarts`);
  return [now, before, restarts].filter(Boolean).join("; ");
}

/** Shows the warnings; if there are none, all events. Shows equal events once, with their last time. */
function describeEvents(events: CoreV1Event[], now: Date): string[] {
  const warnings = events.filter(({ type }) => type === "Warning");
  const shown = new Map<string, { text: string; count: number; seconds: number }>();
  for (const event of warnings.length > 0 ? warnings : events) {
    const text = `${event.reason}: ${event.message?.replaceAll("\n", " ").replace(combined, "").trim()}`;
    const key = text.replace(generatedName, '"');
    const count = (shown.get(key)?.count ?? 0) + (event.series?.count ?? event.count ?? 1);
    shown.delete(key);
    shown.set(key, { text, count, seconds: Math.round((Number(now) - Number(lastSeen(event))) / 1000) });
  }
  return [...shown.values()].slice(-maxEvents).map(({ text, count, seconds }) => {
    return `${Math.max(0, seconds)} s ago${count > 1 ? `, ${count} times` : ""}: ${text}`;
  });
}

/** Prefix that Kubernetes adds to the last of many similar events. */
const combined = "(combined from similar events): ";
/** Random end of a pod's name. */
const generatedName = /-[a-z0-9]{5}"/g;

function describeLog({ pod, container, lines, missing }: ContainerLog, most: number): string[] {
  if (!lines) return [`  Log of ${container} in ${pod}: ${missing}.`];
  return [`  Last lines of ${container} in ${pod}:`, ...lines.slice(-most).map((line) => `    | ${line}`)];
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: it removes them
const control = /\u001b\[[0-9;?]*[A-Za-z]|[\u0000-\u0008\u000b-\u001f\u007f]/g;

/** Removes control characters, and the colours of terminals and of the engine (`<{%…%}>`). */
const printable = (line: string): string => line.replace(control, "").replace(/<\{%.*?%\}>/g, "");

/** Cuts a line. Hide the secrets first: the redactor would not recognise half a secret. */
const shorten = (line: string): string => (line.length > maxCharacters ? `${line.slice(0, maxCharacters - 1)}…` : line);
