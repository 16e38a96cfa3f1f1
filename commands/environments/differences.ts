import type { Fields } from "../cli/fields.ts";
import type { Resource } from "./render.ts";

/** One thing that is not the same in two environments. */
export interface Difference {
  readonly kind: string;
  /** Name in the program. */
  readonly name: string;
  /** Where in it, as in `spec.template.spec.containers[web].image.repository`; empty where it exists on one side only. */
  readonly field: string;
  /** What stands there on the left; undefined for nothing. */
  readonly left: unknown;
  readonly right: unknown;
}

/** Everything that differs between two environments: resources, their fields, and Pulumi's options for them. */
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
      ...compare(a.object, b.object, ""),
      ...compare(a.options, b.options, "options"), // no Kubernetes object has a field of that name
    ].map((found) => ({ kind, name, ...found }));
  });
}

type Found = Pick<Difference, "field" | "left" | "right">;

function compare(a: unknown, b: unknown, field: string): Found[] {
  const left = takenApart(a);
  const right = takenApart(b);
  if (isFields(left) && isFields(right)) {
    const names = [...new Set([...Object.keys(left), ...Object.keys(right)])];
    return names.flatMap((name) => compare(left[name], right[name], step(field, name, left)));
  }
  return left === right || (isEmpty(left) && isEmpty(right)) ? [] : [{ field, left: a, right: b }];
}

/** The sign of a list that was taken apart into its elements. */
const fromList = Symbol("from a list");

/**
 * What a value consists of, for comparison: a list of its elements, by their names where they have some (so that one
 * container more is one difference) and else by place; an image of repository and digest; JSON in a file of its fields.
 */
function takenApart(value: unknown): unknown {
  if (Array.isArray(value)) {
    const names = value.map((element) => element?.mountPath ?? element?.name);
    const named = names.every((name) => typeof name === "string") && new Set(names).size === names.length;
    const elements = value.map((element, place) => [named ? names[place] : place, element]);
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

/** Kubernetes makes no difference between a field that is left out and one without a value. */
const isEmpty = (value: unknown): boolean => value === undefined || value === null;
