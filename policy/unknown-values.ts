import { UnknownValueError } from "@pulumi/policy";

/** Stands for a value that only the update will know, as the digest of an image that is still to be built. */
export const unknown: unique symbol = Symbol("known only by the update");

/**
 * Inputs as plain values. The SDK throws at whatever a preview doesn't know yet, and would call the whole rule off for
 * it; here the rule goes on, and the update, which knows, checks the rest.
 */
export function known(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  // Not by map, which reads each element itself.
  if (Array.isArray(value)) return Array.from(value.keys(), (place) => at(value, place));
  return Object.fromEntries(Object.keys(value).map((name) => [name, at(value, name)]));
}

function at(parent: object, name: string | number): unknown {
  try {
    return known(parent[name as keyof typeof parent]);
  } catch (error) {
    if (error instanceof UnknownValueError) return unknown;
    throw error;
  }
}

/** What a field holds, where that is a list. */
// biome-ignore lint/suspicious/noExplicitAny: elements of any kind
export const list = (value: unknown): any[] => (Array.isArray(value) ? value : []);
