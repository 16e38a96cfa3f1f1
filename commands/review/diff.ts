import { stringify } from "yaml";
import type { Fields } from "../cli/fields.ts";
import { shown, unknown, visible } from "../cli/sentence.ts";
import { changedFields, onlyRenamed, withoutSuffix } from "../preview/changed-fields.ts";
import type { State, Step } from "../preview/preview.ts";

/** Letters of a line in the full diff; what is longer is cut. */
const longestLine = 500;

/** Everything that would change about a resource, a line for each value: the first line names it. */
export function diffOf(step: Step): string[] {
  const { op, kind, name, before, after, missing } = step;
  const what = missing ? "missing" : op === "same" ? "options" : op;
  const title = `${kind} ${name}: ${what}${op === "replace" && step.deleteFirst ? ", the old one first" : ""}`;
  const head = [`@@ ${visible(title).slice(0, longestLine)} @@`];
  if (op === "create") return [...head, ...whole(after).map((line) => `+ ${line}`)];
  if (op === "delete" || !after || !before) return [...head, ...whole(before ?? after).map((line) => `- ${line}`)];
  const protection = (["protect", "retainOnDelete"] as const)
    .filter((option) => before[option] !== after[option])
    .flatMap((option) => [`- ${option}: ${before[option]}`, `+ ${option}: ${after[option]}`]);
  const fields = changedFields(step).flatMap(({ field, left, right }) => {
    if (onlyRenamed(left, right)) {
      const name = withoutSuffix(String(left));
      return [
        `- ${visible(field)}: ${visible(name)}, the earlier one`,
        `+ ${visible(field)}: ${visible(name)}, the new one`,
      ];
    }
    const line = (sign: string, value: unknown) =>
      value === undefined ? [] : [`${sign} ${visible(field)}: ${shown(value, longestLine)}`];
    return [
      ...line("-", right === unknown && typeof left === "string" ? withoutSuffix(left) : left),
      ...line("+", right),
    ];
  });
  return [...head, ...protection, ...fields];
}

/** The inputs without a name that the provider made up: it would be another one each time. */
function withoutMadeUp(inputs: Fields): Fields {
  const { metadata } = inputs as { metadata?: Fields & { annotations?: Fields } };
  const { "pulumi.com/autonamed": made, ...annotations } = metadata?.annotations ?? {};
  if (!made) return inputs;
  const { name, annotations: _, ...rest } = metadata ?? {};
  const others = Object.keys(annotations).length > 0 ? { annotations } : {};
  return { ...inputs, metadata: { ...rest, ...others, name: `${withoutSuffix(String(name)).replace(/-…$/, "")}-…` } };
}

const whole = (state?: State): string[] =>
  stringify(withoutMadeUp(state?.inputs ?? {}), { lineWidth: 0, aliasDuplicateObjects: false })
    .replaceAll(unknown, "known once it is made")
    .trimEnd()
    .split("\n")
    .map((line) => shown(line, longestLine));
