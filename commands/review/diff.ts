import { stringify } from "yaml";
import type { Fields } from "../cli/fields.ts";
import { show, unknown, unknownText, visible } from "../cli/sentence.ts";
import { changedFields } from "../preview/changed-fields.ts";
import { isRegenerated, withoutSuffix } from "../preview/generated-names.ts";
import type { State, Step } from "../preview/preview.ts";

/** Characters of a line; the rest is cut. */
const longestLine = 500;

/** Returns the full diff of a resource: a line that names it, then a line for each value. */
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
    const line = (sign: string, value: unknown, which = "") =>
      value === undefined ? [] : [`${sign} ${visible(field)}: ${show(value, longestLine)}${which}`];
    const name = typeof left === "string" ? withoutSuffix(left) : left;
    if (isRegenerated(left, right))
      return [...line("-", name, ", the earlier one"), ...line("+", name, ", the new one")];
    return [...line("-", right === unknown ? name : left), ...line("+", right)];
  });
  return [...head, ...protection, ...fields];
}

/** Returns the inputs without the suffix of a generated name: each preview generates another. */
function withoutGenerated(inputs: Fields): Fields {
  const { metadata } = inputs as { metadata?: Fields & { annotations?: Fields } };
  const { "pulumi.com/autonamed": isGenerated, ...annotations } = metadata?.annotations ?? {};
  if (!isGenerated) return inputs;
  const { name, annotations: _, ...rest } = metadata ?? {};
  const others = Object.keys(annotations).length > 0 ? { annotations } : {};
  return { ...inputs, metadata: { ...rest, ...others, name: `${withoutSuffix(String(name)).replace(/-…$/, "")}-…` } };
}

const whole = (state?: State): string[] =>
  stringify(withoutGenerated(state?.inputs ?? {}), { lineWidth: 0, aliasDuplicateObjects: false })
    .replaceAll(unknown, unknownText)
    .trimEnd()
    .split("\n")
    .map((line) => show(line, longestLine));
