import type { Fields } from "../cli/fields.ts";
import { compare, type FieldDifference } from "../environments/differences.ts";
import { isRegenerated } from "./generated-names.ts";
import type { Step } from "./preview.ts";
import { hidden } from "./secrets.ts";

/** Fields in which the provider stores its own state. */
const internal = /^metadata\.annotations(\.|\[)pulumi\.com\/|^__|^status(\.|$)/;

/** Returns the fields that would change: by their values, and secret ones by the paths that Pulumi calls changed. */
export function changedFields(step: Step): FieldDifference[] {
  const { before, after } = step;
  if (!before || !after) return [];
  const changes = compare(before.inputs, after.inputs).filter(
    ({ field, left, right }) => !internal.test(field) && !(field === "metadata.name" && isRegenerated(left, right)),
  );
  return [...changes, ...changedSecrets(step)];
}

/** Both values of a secret are hidden, so only the paths show that it changes. */
function changedSecrets({ before, after, changedPaths }: Step): FieldDifference[] {
  return changedPaths.flatMap((path) => {
    const keys = path.split(/[.[\]"]+/).filter((key) => key !== "");
    if (valueAt(before?.inputs, keys) !== hidden || valueAt(after?.inputs, keys) !== hidden) return [];
    return [{ field: withElementNames(path, after?.inputs, keys), left: hidden, right: `another ${hidden}` }];
  });
}

/** Replaces the indexes in a path by the elements' names: `env[0].value` becomes `env[LOG_LEVEL].value`. */
function withElementNames(path: string, inputs: unknown, keys: readonly string[]): string {
  return keys.reduce((named, key, index) => {
    const element = valueAt(inputs, keys.slice(0, index + 1)) as Fields | undefined;
    return /^\d+$/.test(key) && typeof element?.name === "string"
      ? named.replace(`[${key}]`, `[${element.name}]`)
      : named;
  }, path);
}

/** Returns the value at a path; inside a secret, the mark of the secret. */
function valueAt(value: unknown, path: readonly string[]): unknown {
  const [first, ...rest] = path;
  if (first === undefined || value === hidden) return value;
  return typeof value === "object" && value !== null ? valueAt((value as Fields)[first], rest) : undefined;
}
