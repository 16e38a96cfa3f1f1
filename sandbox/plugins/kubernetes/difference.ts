import { isDeepStrictEqual } from "node:util";
import { isObject, type Properties } from "../properties.ts";

/** How one property differs. */
export type Change = "add" | "delete" | "update";

/** What differs, by property path: `spec.template.spec.containers[0].image`, `metadata.annotations["pulumi.com/skipAwait"]`. */
export type Changes = Map<string, Change>;

/**
 * What of an object the program decides: its live value, cut down to the members that the program's inputs have.
 * Lists are compared by position, as the official plugin does.
 */
export function prune(live: unknown, inputs: unknown): unknown {
  if (Array.isArray(live) && Array.isArray(inputs)) {
    return live.slice(0, inputs.length).map((item, index) => prune(item, inputs[index]));
  }
  if (isObject(live) && isObject(inputs)) {
    return Object.fromEntries(
      Object.entries(inputs)
        .filter(([key]) => key in live)
        .map(([key, input]) => [key, prune(live[key], input)]),
    );
  }
  return live;
}

/**
 * What must change to get from the live object to the new inputs.
 * @param live the live object, pruned to the old inputs
 * @param old the inputs of the last update; a member that the server drops because it says nothing (an empty list, false)
 *   is no difference as long as the program says the same as last time
 */
export function difference(live: Properties, old: Properties, inputs: Properties): Changes {
  const changes: Changes = new Map();
  compareMembers("", live, old, inputs, changes);
  return changes;
}

/** Whether a path is one of the given ones, or lies below one. */
export function isWithin(path: string, parents: string[]): boolean {
  return parents.some((parent) => path === parent || path.startsWith(`${parent}.`) || path.startsWith(`${parent}[`));
}

function compareMembers(path: string, live: Properties, old: Properties, inputs: Properties, changes: Changes): void {
  for (const key of new Set([...Object.keys(live), ...Object.keys(inputs)])) {
    compare(joinPath(path, key), live[key], old[key], inputs[key], changes);
  }
}

function compare(path: string, live: unknown, old: unknown, input: unknown, changes: Changes): void {
  if (isDeepStrictEqual(live, input)) return;
  if (live === undefined && saysNothing(input) && isDeepStrictEqual(old, input)) return;
  if (live === undefined) changes.set(path, "add");
  else if (input === undefined) changes.set(path, "delete");
  else if (isObject(live) && isObject(input)) compareMembers(path, live, isObject(old) ? old : {}, input, changes);
  else if (Array.isArray(live) && Array.isArray(input)) {
    const before = Array.isArray(old) ? old : [];
    for (let index = 0; index < Math.max(live.length, input.length); index++) {
      compare(`${path}[${index}]`, live[index], before[index], input[index], changes);
    }
  } else changes.set(path, "update");
}

/** The values that the server's own types leave out when they write an object. */
function saysNothing(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isObject(value)) return Object.values(value).every(saysNothing);
  return value === "" || value === false || value === 0;
}

function joinPath(path: string, key: string): string {
  if (/[.[\]"]/.test(key)) return `${path}["${key.replaceAll('"', '\\"')}"]`;
  return path === "" ? key : `${path}.${key}`;
}
