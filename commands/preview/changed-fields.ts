import type { Fields } from "../cli/fields.ts";
import { type Difference, differences } from "../environments/differences.ts";
import type { Resource } from "../environments/render.ts";
import type { State, Step } from "./preview.ts";
import { hidden } from "./secrets.ts";

/** One field of a resource that would change. */
export type FieldChange = Pick<Difference, "field" | "left" | "right">;

/** Kubernetes' own name for an object: made up anew for each one that replaces another. */
const madeUp = /-[0-9a-f]{8}$/;

/** What the provider notes for itself. */
const bookkeeping = /^metadata\.annotations(\.|\[)pulumi\.com\/|^__|^status(\.|$)/;

/** The fields that would change: by the inputs, and where they are secret, by Pulumi's own word. */
export function changedFields(step: Step): FieldChange[] {
  const { before, after } = step;
  if (!before || !after) return [];
  const found = differences([asResource(before)], [asResource(after)]).filter(
    ({ field, left, right }) => !bookkeeping.test(field) && !(field === "metadata.name" && onlyRenamed(left, right)),
  );
  return [...found, ...changedSecrets(step)].map(({ field, left, right }) => ({ field, left, right }));
}

/** Whether two values are names that the provider made up for the same resource of the program. */
export const onlyRenamed = (left: unknown, right: unknown): boolean =>
  typeof left === "string" &&
  typeof right === "string" &&
  left !== right &&
  madeUp.test(left) &&
  left.replace(madeUp, "") === right.replace(madeUp, "");

/** A made-up name without what is made up in it. */
export const withoutSuffix = (name: string): string => name.replace(madeUp, "");

const asResource = ({ inputs }: State): Resource => ({
  kind: "",
  name: "",
  object: inputs,
  options: {},
  manifest: true,
});

/** Both sides of a secret look the same; that it changes stands in the preview by its path alone. */
function changedSecrets({ before, after, changedPaths }: Step): FieldChange[] {
  return changedPaths.flatMap((path) => {
    const steps = path.split(/[.[\]"]+/).filter((part) => part !== "");
    if (valueAt(before?.inputs, steps) !== hidden || valueAt(after?.inputs, steps) !== hidden) return [];
    return [{ field: withNames(path, after?.inputs, steps), left: hidden, right: `another ${hidden}` }];
  });
}

/** A path of Pulumi's, with the names of what it counts: `env[0].value` is `env[LOG_LEVEL].value`. */
function withNames(path: string, inputs: unknown, steps: readonly string[]): string {
  return steps.reduce((named, step, place) => {
    const element = valueAt(inputs, steps.slice(0, place + 1)) as Fields | undefined;
    return /^\d+$/.test(step) && typeof element?.name === "string"
      ? named.replace(`[${step}]`, `[${element.name}]`)
      : named;
  }, path);
}

/** The value at a path; that of a secret for everything within it. */
function valueAt(value: unknown, path: readonly string[]): unknown {
  const [first, ...rest] = path;
  if (first === undefined || value === hidden) return value;
  return typeof value === "object" && value !== null ? valueAt((value as Fields)[first], rest) : undefined;
}

/** A field by the name that people have for it, as in `replicas`, `image` and `env LOG_LEVEL`. */
export function shortName(field: string): string {
  const patterns: [RegExp, string][] = [
    [/^spec\.replicas$/, "replicas"],
    [/^spec\.(minReplicas|maxReplicas)$/, "$1"],
    [/[cC]ontainers\[[^\]]+\]\.image(\.(repository|digest))?$/, "image"],
    [/[cC]ontainers\[[^\]]+\]\.env\[([^\]]+)\](\.value|\.valueFrom.*)?$/, "env $1"],
    [/[cC]ontainers\[[^\]]+\]\.ports\[[^\]]+\]\.(containerPort)$/, "port"],
    [/\bports\[[^\]]+\]\.port$/, "port"],
    [/[cC]ontainers\[[^\]]+\]\.resources\.(.+)$/, "$1"],
    [/^spec\.resources\.requests\.storage$/, "storage"],
    [/^spec\.storageClassName$/, "storage class"],
    [/^data\[([^\]]+)\](.*)$/, "$1$2"],
    [/^metadata\.(annotations|labels)[.[](.+?)\]?$/, "$2"],
    [/^spec\.template\.spec\.(.+)$/, "$1"],
    [/^spec\.(.+)$/, "$1"],
  ];
  const [pattern, name] = patterns.find(([each]) => each.test(field)) ?? [];
  return pattern ? field.replace(new RegExp(`^.*?${pattern.source.replace(/^\^/, "")}`), name ?? "") : field;
}
