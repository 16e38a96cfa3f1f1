/** The type of a value, or a property, in a package schema: https://www.pulumi.com/docs/iac/guides/building-extending/packages/schema/ */
export interface Property {
  readonly type?: string;
  readonly $ref?: string;
  readonly items?: Property;
  readonly additionalProperties?: Property;
  readonly oneOf?: readonly Property[];
  readonly description?: string;
  readonly secret?: boolean;
  /** The program has to know the value: it cannot come from another resource. @default false */
  readonly plain?: boolean;
}

/** Properties by name. */
export type Properties = Readonly<Record<string, Property>>;

/** Types by token, as in `slipway:index:WebAppProbes`. */
export type Types = Record<string, { type: "object"; properties: Properties; required?: readonly string[] }>;

/** Parts of a JSON schema by zod that decide about a property. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema | false;
  readonly anyOf?: readonly JsonSchema[];
  readonly description?: string;
  readonly default?: unknown;
}

/**
 * Converts properties of a JSON schema into those of a package schema.
 *
 * @param name prefix of the types that become ones of their own, which are added to `types`
 */
export function propertiesOf(name: string, schema: JsonSchema, keys: readonly string[], types: Types): Properties {
  const entries = keys.map((key) => {
    const property = schema.properties?.[key] ?? {};
    const statesDefault = property.description?.includes("Default:") || typeof property.default === "object";
    const fallback = property.default === undefined || statesDefault ? "" : ` Default: ${property.default}.`;
    const type = typeOf(`${name}${key.charAt(0).toUpperCase()}${key.slice(1)}`, property, types);
    return [key, { ...type, description: `${property.description ?? ""}${fallback}`.trim() }] as const;
  });
  return Object.fromEntries(entries);
}

/** @param name of the type, if it becomes one of its own */
function typeOf(name: string, schema: JsonSchema, types: Types): Property {
  if (schema.anyOf) {
    if (!schema.anyOf.some(({ type }) => type === "object")) return { type: "string", plain: true };
    return { oneOf: schema.anyOf.map((each) => typeOf(name, each, types)), plain: true };
  }
  if (schema.properties) {
    const token = `slipway:index:${name}`;
    const properties = propertiesOf(name, schema, Object.keys(schema.properties), types);
    types[token] = { type: "object", properties, required: schema.required };
    return { $ref: `#/types/${token}`, plain: true };
  }
  return {
    // A stack file may have a number or a boolean there; typed programs pass text.
    type: typeof schema.type === "string" ? schema.type : "string",
    items: schema.items && typeOf(name, schema.items, types),
    additionalProperties: schema.additionalProperties ? typeOf(name, schema.additionalProperties, types) : undefined,
    plain: true,
  };
}
