import type { Fields } from "../cli/fields.ts";
import type { Resource } from "./render.ts";

/** Field or resource that differs between two environments. */
export interface Difference {
  readonly kind: string;
  /** Name in the program. */
  readonly name: string;
  /** Path, as in `spec.template.spec.containers[web].image.repository`; empty if one side lacks the resource. */
  readonly field: string;
  /** Value on the left; undefined if it is missing. */
  readonly left: unknown;
  readonly right: unknown;
}

/** Compares two environments: resources, their fields, and their options of Pulumi. */
export function differences(left: Resource[], right: Resource[]): Difference[] {
  const id = ({ kind, name }: Resource) => `${kind} ${name}`;
  const before = new Map(left.map((resource) => [id(resource), resource]));
  const after = new Map(right.map((resource) => [id(resource), resource]));
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((key) => {
    const a = before.get(key);
    const b = after.get(key);
    const { kind, name } = (a ?? b) as Resource;
    if (!a || !b) return [{ kind, name, field: "", left: a && "present", right: b && "present" }];
    return [
      ...compare(a.object, b.object),
      ...compare(a.options, b.options, "options"), // no Kubernetes object has a field of that name
    ].map((difference) => ({ kind, name, ...difference }));
  });
}

/** A difference within one object. */
export type FieldDifference = Pick<Difference, "field" | "left" | "right">;

/** Compares two values. @param field path of both, as a prefix of the differences */
export function compare(a: unknown, b: unknown, field = ""): FieldDifference[] {
  const left = partsOf(a);
  const right = partsOf(b);
  if (isFields(left) && isFields(right)) {
    const names = [...new Set([...Object.keys(left), ...Object.keys(right)])];
    return names.flatMap((name) => compare(left[name], right[name], step(field, name, left)));
  }
  return left === right || (isEmpty(left) && isEmpty(right)) ? [] : [{ field, left: a, right: b }];
}

/** Marks the parts of a list. */
const fromList = Symbol("from a list");

/**
 * Splits a value into comparable parts: a list into elements by name, so that one more container is one difference, or
 * else by index; an image into repository and digest; JSON in a file into its fields.
 */
function partsOf(value: unknown): unknown {
  if (Array.isArray(value)) {
    const names = value.map((element) => element?.mountPath ?? element?.name);
    const named = names.every((name) => typeof name === "string") && new Set(names).size === names.length;
    const elements = value.map((element, index) => [named ? names[index] : index, element]);
    return { ...Object.fromEntries(elements), [fromList]: true };
  }
  if (typeof value !== "string") return value;
  const [, repository, digest] = /^(.+)@(sha256:[0-9a-f]{64})$/.exec(value) ?? [];
  if (repository) return { repository, digest };
  return value.startsWith("{") ? parsed(value) : value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function step(field: string, name: string, parent: object): string {
  if (fromList in parent || !/^[\w-]+$/.test(name)) return `${field}[${name}]`;
  return field ? `${field}.${name}` : name;
}

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null;

/** For Kubernetes a missing field and a null are the same. */
const isEmpty = (value: unknown): boolean => value === undefined || value === null;
