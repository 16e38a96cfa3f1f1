import { UnknownValueError } from "@pulumi/policy";

/** Placeholder for a value that no preview knows, such as the digest of an image before its build. */
export const unknown: unique symbol = Symbol("known only by the update");

/**
 * Copies inputs, with `unknown` for values that no preview knows. The SDK throws when a rule reads one of those, and skips
 * the rule; with the copy it checks the rest, and the update checks everything.
 */
export function replaceUnknown(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  // Not by map, because that reads the elements.
  if (Array.isArray(value)) return Array.from(value.keys(), (index) => at(value, index));
  return Object.fromEntries(Object.keys(value).map((name) => [name, at(value, name)]));
}

function at(parent: object, name: string | number): unknown {
  try {
    return replaceUnknown(parent[name as keyof typeof parent]);
  } catch (error) {
    if (error instanceof UnknownValueError) return unknown;
    throw error;
  }
}

/** Elements of a list; none if the value is no list. */
// biome-ignore lint/suspicious/noExplicitAny: elements of any kind
export const list = (value: unknown): any[] => (Array.isArray(value) ? value : []);
