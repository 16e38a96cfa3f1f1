/** A mapping as it comes out of YAML or JSON. */
export type Fields = { [field: string]: unknown };

/** Returns whether a value is a mapping, and neither a list nor null. */
export const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
