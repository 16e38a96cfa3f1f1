import type { KubernetesObject } from "../object.ts";

/**
 * What a look at an object says: it is ready; or it is on its way, with a line of progress and the causes to list if the time
 * runs out now; or it has failed for good. It is unobserved while its controller has not looked at its newest version: then
 * the status is that of the version before.
 */
export type Verdict =
  | { state: "ready"; message?: string }
  | { state: "waiting"; progress: string; causes: string[]; unobserved?: boolean }
  | { state: "failed"; causes: string[] };

/** A condition of an object's status. */
export type Condition = {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastUpdateTime?: string;
  lastTransitionTime?: string;
};

/** A condition by its type. */
export function condition(object: KubernetesObject, type: string): Condition | undefined {
  return (statusOf(object).conditions as Condition[] | undefined)?.find((each) => each.type === type);
}

/** Whether a condition is from before a moment (milliseconds since 1970). Its times are whole seconds. */
export function isBefore({ lastUpdateTime, lastTransitionTime }: Condition, moment: number): boolean {
  return Date.parse(lastUpdateTime ?? lastTransitionTime ?? "") < Math.floor(moment / 1000) * 1000;
}

/** "[Reason] message", as far as there is any. */
export function explain({ reason, message }: { reason?: string; message?: string }): string {
  return [reason && `[${reason}]`, message].filter(Boolean).join(" ");
}

/** An object's status; an empty one until a controller has written it. */
export function statusOf(object: KubernetesObject): { [member: string]: unknown } {
  return (object.status ?? {}) as { [member: string]: unknown };
}

/** An object's spec. */
export function specOf(object: KubernetesObject): { [member: string]: unknown } {
  return (object.spec ?? {}) as { [member: string]: unknown };
}

/** A number of an object's status or spec, where a missing one counts as the given value. */
export function count(part: { [member: string]: unknown }, member: string, missing = 0): number {
  const value = part[member];
  return typeof value === "number" ? value : missing;
}

/** Whether the controller has seen the newest version of the object. Its status says nothing before that. */
export function isObserved(object: KubernetesObject): boolean {
  return count(statusOf(object), "observedGeneration") >= (object.metadata.generation ?? 0);
}
