import type { Fields } from "../cli/fields.ts";
import { count, join, list, resourceName, type Sentence, say, show, unknown } from "../cli/sentence.ts";
import type { FieldDifference } from "../environments/differences.ts";
import { changedFields } from "../preview/changed-fields.ts";
import { isManifest, keepsPods, podOf, specOf } from "../preview/manifest.ts";
import type { Step } from "../preview/preview.ts";
import { shortName } from "./field-name.ts";

/**
 * Says what a change does to running pods: which stop, and for how long fewer serve; undefined if none restarts.
 *
 * @param what says what would change, as in `: image a → b`
 */
export function restarts(step: Step, what: (step: Step) => Sentence): Sentence | undefined {
  if (!isManifest(step)) return upgrades(step, what);
  const { op, kind, before, after } = step;
  if (kind === "Job") return runs(step);
  if (/^Node(Class|Pool)$/.test(kind)) return renewsNodes(step, what);
  if (!keepsPods(step)) return undefined;
  const { replicas } = specOf(before);
  const pods = podsOf(replicas);
  const it = resourceName(step);
  if (step.missing && op === "drift") return say`${it} is missing: ${none(replicas)}`;
  if (step.missing) return say`${it} is missing, and is created again`;
  if (op === "delete")
    return say`${it} is deleted: ${pods} ${[replicas === 1 ? "stops" : "stop"]}, and nothing replaces them`;
  if (op === "replace" && step.deleteFirst)
    return say`${it}${what(step)}; it is deleted, then created again: ${none(replicas)} ${down(step)}`;
  if (op === "replace") return say`${it}${what(step)}; it is replaced; the old one stops once the new one serves`;
  if (op !== "update" || (replicas === 0 && specOf(after).replicas === 0)) return undefined;
  if (specOf(after).replicas === 0) return say`${it} is stopped: ${none(replicas)} from then on`;
  if (inPods(step).length === 0) return withoutReplicas(step);
  const open = undecided(step);
  return say`${it}${what(step)}; ${open.length > 0 ? ["if that differs, "] : []}${rollout(step)}`;
}

/**
 * Returns the fields that decide whether pods restart, if only the update will know all their values. Returns nothing if
 * another field changes, or an image that is still to be built.
 */
function undecided(step: Step): string[] {
  const fields = inPods(step);
  const names = [...new Set(fields.map(({ field }) => shortName(field)))];
  return fields.every(({ right }) => right === unknown) && !names.includes("image") ? names : [];
}

/** Returns the changed fields of the pod template. */
function inPods(step: Step): FieldDifference[] {
  const inside = step.kind === "Pod" ? /^spec\b/ : /^spec\.template\b/;
  return changedFields(step).filter(({ field }) => inside.test(field));
}

const podsOf = (replicas: unknown): Sentence =>
  typeof replicas === "number" ? (replicas === 1 ? ["its one pod"] : [`its ${count(replicas, "pod")}`]) : ["its pods"];

const none = (replicas: unknown): Sentence =>
  replicas === 1 ? ["its one pod does not serve"] : say`none of ${podsOf(replicas)} serves`;

/** A Job runs when it is created or replaced. */
function runs(step: Step): Sentence | undefined {
  const { op, kind, name, after, missing } = step;
  if (missing || (op !== "create" && op !== "replace")) return undefined;
  const commands = (podOf(kind, after)?.containers ?? [])
    .filter(({ command }) => Array.isArray(command) && command.length > 0)
    .map(({ command }) => say`${show(command.join(" "))}`);
  const open = undecided(step);
  const condition = open.length > 0 ? say`, if ${list(open)} differs once it is known` : [];
  return say`Job ${name} runs${condition}${commands.length > 0 ? [": ", ...join(commands, ", ")] : []}`;
}

/** Says how the pods of a workload are replaced, by its settings and Kubernetes' defaults. */
function rollout(step: Step): Sentence {
  const { kind, after } = step;
  const spec = specOf(after);
  // A Deployment without replicas mostly has an autoscaler; a StatefulSet without replicas has one pod.
  const replicas: unknown = kind === "StatefulSet" ? (spec.replicas ?? 1) : spec.replicas;
  const strategy = (kind === "Deployment" ? spec.strategy : spec.updateStrategy) ?? {};
  if (strategy.type === "Recreate")
    return say`${podsOf(replicas)} ${[replicas === 1 ? "stops" : "stop"]} before the first new one starts; none serves ${down(step)}`;
  if (strategy.type === "OnDelete") return ["a pod is replaced when somebody deletes it"];
  if (kind === "Pod") return say`it stops and starts again, and does not serve ${down(step)}`;
  const limits: Fields = strategy.rollingUpdate ?? {};
  const missing =
    kind === "Deployment" ? unavailable(limits, replicas) : share(limits.maxUnavailable ?? 1, replicas, Math.floor);
  if (missing === 0 && replicas === 1) return ["its one pod is replaced once its successor serves"];
  if (missing === 0) return say`${podsOf(replicas)} are replaced one by one; ${all(replicas)} throughout`;
  if (typeof replicas !== "number")
    return say`its pods are replaced, ${[String(missing ?? "some")]} at a time missing ${down(step)} each time`;
  const away = Math.min(missing ?? 1, replicas);
  const are = replicas === 1 ? "is" : "are";
  if (away === replicas) return say`${podsOf(replicas)} ${[are]} replaced, with none serving ${down(step)}`;
  return say`${podsOf(replicas)} are replaced; ${replicas - away} of ${replicas} serve ${down(step, Math.ceil(replicas / away))}`;
}

const all = (replicas: unknown): Sentence =>
  typeof replicas === "number" ? [`${replicas} of ${replicas} serve`] : ["as many as now serve"];

/** Returns how many pods of a Deployment may be unavailable: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment */
function unavailable({ maxUnavailable = "25%", maxSurge = "25%" }: Fields, replicas: unknown): number | undefined {
  const pods = share(maxUnavailable, replicas, Math.floor);
  // Without both, no rollout would be possible, so Kubernetes takes one pod away.
  return pods === 0 && share(maxSurge, replicas, Math.ceil) === 0 ? 1 : pods;
}

/** Returns a number of pods that is given as such or in percent; undefined if the percentage is of an unknown number. */
function share(of: unknown, replicas: unknown, round: (number: number) => number): number | undefined {
  const [, percent] = /^(\d+)%$/.exec(String(of)) ?? [];
  if (percent === undefined) return Number(of);
  if (percent === "0") return 0;
  return typeof replicas === "number" ? round((Number(percent) / 100) * replicas) : undefined;
}

/** Says how long a pod is unavailable at most: until it has stopped and its successor has started. */
function down({ kind, before, after }: Step, rounds = 1): Sentence {
  const stop = podOf(kind, before)?.spec.terminationGracePeriodSeconds ?? 30;
  const starts = (podOf(kind, after)?.containers ?? []).map(startSeconds).filter((seconds) => seconds !== undefined);
  if (starts.length === 0 || !Number.isFinite(Number(stop)))
    return ["until the new ones have started; no probe says how long that may take"];
  const seconds = (Number(stop) + Math.max(...starts)) * rounds;
  return [`for up to ${duration(seconds)}`];
}

/** Returns the seconds after which a probe kills a container that does not start; undefined without such a probe. */
function startSeconds({ startupProbe, livenessProbe }: Record<string, Fields | undefined>): number | undefined {
  const probe = startupProbe ?? livenessProbe;
  if (!probe) return undefined;
  const { initialDelaySeconds = 0, periodSeconds = 10, failureThreshold = 3 } = probe;
  return Number(initialDelaySeconds) + Number(periodSeconds) * Number(failureThreshold);
}

const duration = (seconds: number): string =>
  seconds < 120 ? `${seconds} s` : `${Math.floor(seconds / 60)} min${seconds % 60 ? ` ${seconds % 60} s` : ""}`;

/** Without replicas, a workload has one pod until an autoscaler changes that. */
function withoutReplicas(step: Step): Sentence | undefined {
  const { kind, before, after } = step;
  const { replicas } = specOf(before);
  if (!/^(Deployment|StatefulSet)$/.test(kind) || specOf(after).replicas !== undefined || !(replicas > 1))
    return undefined;
  return say`${resourceName(step)}: replicas ${show(replicas)} → none; one of ${podsOf(replicas)} serves until an autoscaler adds more`;
}

/** Says a change of the number of pods, which restarts none. */
export function scaled(step: Step): Sentence | undefined {
  const { kind, op, before, after } = step;
  if (op !== "update" || (kind !== "Deployment" && kind !== "StatefulSet")) return undefined;
  const [from, to] = [specOf(before).replicas, specOf(after).replicas];
  if (from === to || inPods(step).length > 0) return undefined;
  const what = say`${resourceName(step)}: replicas ${show(from)} →`;
  const fewer = Number(from) - Number(to);
  const effect = fewer > 0 ? `${count(fewer, "pod")} ${fewer === 1 ? "stops" : "stop"}` : "no pod restarts";
  return say`${what} ${show(to)}; ${[effect]}`;
}

const nodesMove = "its nodes are replaced one by one, and every pod on them moves, the database's too";

/** The nodes of a cluster in EKS Auto Mode follow its version: https://docs.aws.amazon.com/eks/latest/userguide/auto-upgrade.html */
function upgrades(step: Step, what: (step: Step) => Sentence): Sentence | undefined {
  const decides = ({ field }: FieldDifference) => /^(version|computeConfig)\b/.test(field);
  if (step.type !== "aws:eks/cluster:Cluster" || step.op !== "update" || !changedFields(step).some(decides))
    return undefined;
  return say`${resourceName(step)}${what(step)}; ${nodesMove}`;
}

/** Nodes that differ from their class or pool are replaced: https://karpenter.sh/docs/concepts/disruption/#drift */
function renewsNodes(step: Step, what: (step: Step) => Sentence): Sentence | undefined {
  const { op, kind, before, after } = step;
  const asks = (state: typeof before) =>
    JSON.stringify(kind === "NodePool" ? specOf(state).template?.spec : specOf(state));
  if (op === "create" || (op === "update" && asks(before) === asks(after))) return undefined;
  return say`${resourceName(step)}${what(step)}; ${nodesMove}`;
}
