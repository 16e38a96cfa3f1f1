import type { CoreV1Event, V1ContainerStatus, V1Pod } from "@kubernetes/client-node";
import { likelyCause } from "./likely-cause.ts";
import { lastSeen } from "./events.ts";
import type { Evidence } from "./evidence.ts";
import type { ContainerLog } from "./container-logs.ts";

/** Lines of a report at the most, and characters of a line. */
const longest = { lines: 60, characters: 240 };
const podsShown = 4;
const eventsShown = 8;

/** Lines of logs that a report has room for, all containers together. */
export const logLines = 32;

/**
 * What is known of a failed workload, for people: the likely cause and what to do in the first lines, then what it is
 * concluded from. At most 60 lines.
 *
 * @param hide hides secret values in a text
 * @param now to say how long ago something happened
 */
export function describeFailure(evidence: Evidence, hide: (text: string) => string, now = new Date()): string {
  const { kind, namespace, name, stillServing } = evidence;
  const { cause, remedy } = likelyCause(evidence);
  const serving = stillServing === 1 ? "1 pod" : `${stillServing} pods`;
  const perLog = Math.floor(logLines / Math.max(1, evidence.logs.length));
  const lines = [
    `${kind} ${name}, likely cause: ${cause}`,
    `  What to do: ${remedy}. Then run pulumi up again; nothing has to be cleaned up.`,
    ...(stillServing ? [`  The version before goes on serving with ${serving}.`] : []),
    `  Its pods, in namespace ${namespace}:`,
    ...section(evidence.pods.slice(0, podsShown).flatMap(describePod), "none"),
    ...(evidence.pods.length > podsShown ? [`    and ${evidence.pods.length - podsShown} more`] : []),
    "  Last events:",
    ...section(describeEvents(evidence.events, now), "none"),
    ...evidence.logs.flatMap((log) => describeLog(log, perLog)),
  ];
  return lines
    .map((line) => shorten(hide(printable(line))))
    .slice(0, longest.lines)
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

/** Warnings say what went wrong; the others are shown only where there are none. Equal ones once, at their last time. */
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
  return [...shown.values()].slice(-eventsShown).map(({ text, count, seconds }) => {
    return `${Math.max(0, seconds)} s ago${count > 1 ? `, ${count} times` : ""}: ${text}`;
  });
}

/** What Kubernetes puts before the last of many similar events, and the end of a name that it made up for a pod. */
const combined = "(combined from similar events): ";
const generatedName = /-[a-z0-9]{5}"/g;

function describeLog({ pod, container, lines, missing }: ContainerLog, most: number): string[] {
  if (!lines) return [`  Log of ${container} in ${pod}: ${missing}.`];
  return [`  Last lines of ${container} in ${pod}:`, ...lines.slice(-most).map((line) => `    | ${line}`)];
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what has to go
const control = /\u001b\[[0-9;?]*[A-Za-z]|[\u0000-\u0008\u000b-\u001f\u007f]/g;

/** Without what would move a terminal's cursor, change its colours, or the engine's (`<{%…%}>`). */
const printable = (line: string): string => line.replace(control, "").replace(/<\{%.*?%\}>/g, "");

/** Only a text in which the secrets are hidden may be cut: half a secret would not be recognized. */
const shorten = (line: string): string =>
  line.length > longest.characters ? `${line.slice(0, longest.characters - 1)}…` : line;
