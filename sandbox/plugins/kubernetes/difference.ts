import { isDeepStrictEqual } from "node:util";
import { isObject, type Properties } from "../properties.ts";

/** How one property differs. */
export type Change = "add" | "delete" | "update";

/** What differs, by property path: `spec.template.spec.containers[0].image`, `metadata.annotations["pulumi.com/skipAwait"]`. */
export type Changes = Map<string, Change>;

/**
 * What of an object the program decides: its live value, cut down to the members that the program's inputs have. A member
 * that says nothing (an empty list, false) and that the server therefore drops counts as being there.
 * Lists are compared by position, as the official plugin does.
 */
export function prune(live: unknown, inputs: unknown): unknown {
  if (Array.isArray(live) && Array.isArray(inputs)) {
    return live.slice(0, inputs.length).map((item, index) => prune(item, inputs[index]));
  }
  if (isObject(live) && isObject(inputs)) {
    return Object.fromEntries(
      Object.entries(inputs)
        .filter(([key, input]) => key in live || saysNothing(input))
        .map(([key, input]) => [key, key in live ? prune(live[key], input) : input]),
    );
  }
  return live;
}

/**
 * What must change to get from the live object to the new inputs.
 * @param live the live object, pruned to the inputs of the last update
 */
export function difference(live: Properties, inputs: Properties): Changes {
  const changes: Changes = new Map();
  compareMembers("", live, inputs, changes);
  return changes;
}

/** Whether a path is one of the given ones, or lies below one. */
export function isWithin(path: string, parents: string[]): boolean {
  return parents.some((parent) => path === parent || path.startsWith(`${parent}.`) || path.startsWith(`${parent}[`));
}

function compareMembers(path: string, live: Properties, inputs: Properties, changes: Changes): void {
  for (const key of new Set([...Object.keys(live), ...Object.keys(inputs)])) {
    compare(joinPath(path, key), live[key], inputs[key], changes);
  }
}

function compare(path: string, live: unknown, input: unknown, changes: Changes): void {
  if (isDeepStrictEqual(live, input)) return;
  if (live === undefined) changes.set(path, "add");
  else if (input === undefined) changes.set(path, "delete");
  else if (isObject(live) && isObject(input)) compareMembers(path, live, input, changes);
  else if (Array.isArray(live) && Array.isArray(input)) {
    for (let index = 0; index < Math.max(live.length, input.length); index++) {
      compare(`${path}[${index}]`, live[index], input[index], changes);
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
