import { setTimeout as pause } from "node:timers/promises";
import type { Cluster } from "../cluster.ts";
import { UnreachableError } from "../exchange.ts";
import { annotation, at, type KubernetesObject, kindOf } from "../object.ts";
import { type Waiting, waitingFor } from "./kinds.ts";
import type { Verdict } from "./verdict.ts";

const pollMs = 100;
const warningsEveryMs = 10_000;

/** A wait that did not end well: why, and what the object looked like last. */
export class WaitError extends Error {
  readonly causes: string[];
  readonly object: KubernetesObject;

  constructor(message: string, causes: string[], object: KubernetesObject) {
    super(message);
    this.causes = causes;
    this.object = object;
  }
}

/** What a wait needs besides the object. */
export type WaitOptions = {
  cluster: Cluster;
  /** The resource's customTimeouts in seconds; 0 when it has none. */
  timeoutSeconds: number;
  /** Aborts when the engine cancels the operation. */
  cancelled: AbortSignal;
  /** Shows a line of progress. */
  status(message: string): void;
};

/** The deadline of an operation in seconds: the resource's own, else the annotation's, else the kind's. */
export function deadlineSeconds(object: KubernetesObject, requested: number, otherwise: number): number {
  if (requested > 0) return requested;
  const annotated = Number(annotation(object, "pulumi.com/timeoutSeconds") ?? Number.NaN);
  return Number.isFinite(annotated) && annotated > 0 ? annotated : otherwise;
}

/** Whether an object asks not to be waited for. */
export function skipsWait(object: KubernetesObject): boolean {
  return annotation(object, "pulumi.com/skipAwait") === "true";
}

/**
 * Waits until an object is ready, looking ten times a second.
 * @returns the object as it is when ready
 * @throws WaitError when it fails, is deleted, the time runs out or the operation is cancelled
 */
export async function waitUntilReady(object: KubernetesObject, options: WaitOptions): Promise<KubernetesObject> {
  const waiting = waitingFor(object);
  if (!waiting || skipsWait(object)) return object;
  const seconds = deadlineSeconds(object, options.timeoutSeconds, waiting.timeoutSeconds);
  const began = Date.now();
  const deadline = began + seconds * 1000;
  const { name = "", namespace } = object.metadata;
  const show = onlyNew(options.status);
  let warnAt = began + warningsEveryMs;
  let note: string | undefined;
  let failedSince: number | undefined;
  let current = object;
  for (;;) {
    const verdict = await waiting.judge(current, options.cluster, began);
    if (verdict.state === "ready") {
      // Progress that was shown is over; an object that was ready at once needs no words.
      if (current !== object) show(verdict.message ?? "");
      return current;
    }
    if (verdict.state === "waiting") show([verdict.progress, note].filter(Boolean).join(": "));
    failedSince = verdict.state === "failed" ? (failedSince ?? Date.now()) : undefined;
    const hasFailed = failedSince !== undefined && Date.now() - failedSince >= (waiting.failureStandsForMs ?? 0);
    if (hasFailed || Date.now() >= deadline || options.cancelled.aborted) {
      const ending = options.cancelled.aborted
        ? "was cancelled"
        : hasFailed
          ? "failed"
          : `timed out after ${seconds} s`;
      const causes = await allCauses(current, verdict, waiting, options.cluster);
      throw new WaitError(`${current.kind} '${name}' ${ending} while waiting for it to be ready`, causes, current);
    }
    if (Date.now() >= warnAt) {
      warnAt = Date.now() + warningsEveryMs;
      [note] = (await waiting.causes?.(current, options.cluster).catch(() => [])) ?? [];
    }
    await pause(pollMs);
    const live = await retryWhileUnreachable(
      () => options.cluster.get(kindOf(object), name, namespace),
      deadline,
      options.cancelled,
    );
    if (!live) {
      throw new WaitError(`${current.kind} '${name}' was deleted while waiting for it to be ready`, [], current);
    }
    current = live;
  }
}

/**
 * One look, without waiting: why an object is not ready, or nothing when it is. Only an object that was changed a moment ago
 * is looked at again, for two seconds at most, until its controller has seen the change.
 */
export async function causesOfUnready(object: KubernetesObject, cluster: Cluster): Promise<string[]> {
  const waiting = waitingFor(object);
  if (!waiting || skipsWait(object)) return [];
  const { name = "", namespace } = object.metadata;
  let current = object;
  for (const deadline = Date.now() + 2000; ; await pause(pollMs)) {
    const verdict = await waiting.judge(current, cluster);
    if (verdict.state === "ready") return [];
    const isSettled = verdict.state === "failed" || !verdict.unobserved || Date.now() >= deadline;
    if (isSettled) return allCauses(current, verdict, waiting, cluster);
    current = (await cluster.get(kindOf(object), name, namespace)) ?? current;
  }
}

/**
 * Waits until an object is gone. Another object of the same name counts as gone too.
 * @throws WaitError when the time runs out or the operation is cancelled
 */
export async function waitUntilGone(object: KubernetesObject, options: WaitOptions): Promise<void> {
  const { name = "", namespace, uid } = object.metadata;
  const seconds = deadlineSeconds(object, options.timeoutSeconds, 600);
  const deadline = Date.now() + seconds * 1000;
  const showAt = Date.now() + 1000;
  const show = onlyNew(options.status);
  for (;;) {
    const live = await retryWhileUnreachable(
      () => options.cluster.get(kindOf(object), name, namespace),
      deadline,
      options.cancelled,
    );
    if (!live || (uid && live.metadata.uid !== uid)) return;
    if (Date.now() >= showAt) show(`Waiting for ${live.kind} to be deleted`);
    if (Date.now() >= deadline || options.cancelled.aborted) {
      const ending = options.cancelled.aborted ? "was cancelled" : `timed out after ${seconds} s`;
      throw new WaitError(`${live.kind} '${name}' ${ending} while waiting for its deletion`, whyItStays(live), live);
    }
    await pause(pollMs);
  }
}

function whyItStays(object: KubernetesObject): string[] {
  const { finalizers = [] } = object.metadata;
  const held = finalizers.length > 0 ? [`held by finalizers: ${finalizers.join(", ")}`] : [];
  const conditions = (at(object, "status", "conditions") ?? []) as { status: string; message?: string }[];
  return [...held, ...conditions.flatMap(({ status, message }) => (status === "True" && message ? [message] : []))];
}

async function allCauses(
  object: KubernetesObject,
  verdict: Verdict,
  waiting: Waiting,
  cluster: Cluster,
): Promise<string[]> {
  const own = verdict.state === "ready" ? [] : verdict.causes;
  // The pods are an explanation; that they cannot be read must not hide the failure itself.
  const ofPods = (await waiting.causes?.(object, cluster).catch(() => [])) ?? [];
  return [...new Set([...own, ...ofPods])];
}

/** An API server that restarts is no failure of what is waited for. */
async function retryWhileUnreachable<T>(ask: () => Promise<T>, deadline: number, cancelled: AbortSignal): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof UnreachableError) || Date.now() >= deadline || cancelled.aborted) throw error;
      await pause(1000);
    }
  }
}

function onlyNew(status: (message: string) => void): (message: string) => void {
  let last: string | undefined;
  return (message) => {
    if (message !== last) status(message);
    last = message;
  };
}
