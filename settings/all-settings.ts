import { z } from "zod";
import { schema, secretKeys } from "./schema.ts";

/** The parts of a JSON Schema that describe a setting. */
export interface SchemaNode {
  description?: string;
  default?: unknown;
  examples?: unknown[];
  properties?: Record<string, SchemaNode>;
  required?: string[];
  additionalProperties?: SchemaNode | boolean;
  propertyNames?: SchemaNode;
  anyOf?: SchemaNode[];
  items?: SchemaNode;
  /** Present if no value is allowed, as for a setting of another branch of a union. */
  not?: unknown;
  /** The text of errors. */
  allowed?: string;
}

export interface Setting {
  readonly path: string;
  readonly node: SchemaNode;
  readonly required: boolean;
  /** Undefined for a group, and for an alternative to the example of its parent. */
  readonly example?: unknown;
}

/** Every setting, groups included, in the order of the schema. */
export function allSettings(): Setting[] {
  const root = z.toJSONSchema(schema, {
    io: "input",
    override: ({ zodSchema, jsonSchema }) => {
      jsonSchema.allowed = z.safeParse(zodSchema, Symbol("nothing allows this")).error?.issues[0]?.message;
      // Zod leaves both out if the schema transforms its input.
      jsonSchema.examples ??= z.globalRegistry.get(zodSchema)?.examples as never;
      if (zodSchema._zod.def.type === "default")
        jsonSchema.default ??= (zodSchema._zod.def as z.core.$ZodDefaultDef).defaultValue as never;
    },
  });
  return settingsIn("slipway:", root as SchemaNode);
}

function settingsIn(prefix: string, { properties = {}, required = [] }: SchemaNode, withExamples = true): Setting[] {
  return Object.entries(properties).flatMap(([key, each]) => {
    const node = withBranches(each);
    const path = `${prefix}${key}`;
    const example = withExamples ? exampleOf(key, node) : undefined;
    const [group, below] = groupIn(node, path);
    const nested = group ? settingsIn(`${below}.`, group, withExamples && example === undefined) : [];
    return [{ path, node, required: required.includes(key), example }, ...nested];
  });
}

/** Finds the group of settings in a node, and their path; `NAME` is for a name that the user chooses. */
function groupIn(node: SchemaNode, path: string): [group: SchemaNode | undefined, below: string] {
  const entry = entryOf(node);
  if (entry?.properties) return [entry, `${path}.NAME`];
  return [node.properties ? node : node.anyOf?.find(({ properties }) => properties), path];
}

/** Schema of the values of a mapping with names of the user's choice. */
export const entryOf = ({ additionalProperties }: SchemaNode): SchemaNode | undefined =>
  typeof additionalProperties === "object" ? additionalProperties : undefined;

/** Merges a union of groups: the settings of the first, and the further ones of the others. */
function withBranches(node: SchemaNode): SchemaNode {
  const { anyOf = [], ...rest } = node;
  const [first, ...others] = anyOf;
  if (!first || !anyOf.every(({ properties }) => properties)) return node;
  const further = others.flatMap(({ properties = {} }) => Object.entries(properties).filter(([, { not }]) => !not));
  return { ...rest, properties: { ...first.properties, ...Object.fromEntries(further) }, required: first.required };
}

function exampleOf(key: string, { examples, items }: SchemaNode): unknown {
  const secure = { secure: "v1:…" };
  if (/^(databaseP|p)assword$/.test(key)) return secure;
  const example = examples?.[0] ?? (items?.examples && [items.examples[0]]);
  if (!secretKeys.includes(key) || example === undefined) return example;
  return encryptedIn(example, secure);
}

/** Replaces every text in an example. */
const encryptedIn = (example: unknown, secure: object): unknown =>
  typeof example === "object"
    ? Object.fromEntries(Object.entries(example ?? {}).map(([name, inner]) => [name, encryptedIn(inner, secure)]))
    : secure;
