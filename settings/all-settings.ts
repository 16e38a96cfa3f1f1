import { z } from "zod";
import { schema, secretKeys } from "./schema.ts";

/** The parts of a JSON Schema that describe a setting. */
export interface SchemaNode {
  description?: string;
  default?: unknown;
  examples?: unknown[];
  properties?: Record<string, SchemaNode>;
  required?: string[];
  additionalProperties?: unknown;
  anyOf?: SchemaNode[];
  items?: SchemaNode;
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
  return Object.entries(properties).flatMap(([key, node]) => {
    const path = `${prefix}${key}`;
    const example = withExamples ? exampleOf(key, node) : undefined;
    const group = node.properties ? node : node.anyOf?.find(({ properties }) => properties);
    const nested = group ? settingsIn(`${path}.`, group, withExamples && example === undefined) : [];
    return [{ path, node, required: required.includes(key), example }, ...nested];
  });
}

function exampleOf(key: string, { examples, items }: SchemaNode): unknown {
  const secure = { secure: "v1:…" };
  if (key === "databasePassword") return secure;
  const example = examples?.[0] ?? (items?.examples && [items.examples[0]]);
  if (!secretKeys.includes(key)) return example;
  return Object.fromEntries(Object.keys(example as object).map((name) => [name, secure]));
}
