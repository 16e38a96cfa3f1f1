import { previousOf, type StackFile, stackFiles } from "../../settings/stack-files.ts";
import { runMain } from "../cli/run-main.ts";
import { asMarkdown, asText, type Row } from "../cli/table.ts";
import { allowanceFor, allowed } from "./allowed.ts";
import { type Difference, differences } from "./differences.ts";
import { type Resource, render } from "./render.ts";

/** Differences between two neighbouring environments. */
export interface Comparison {
  readonly left: string;
  readonly right: string;
  readonly differences: Difference[];
}

/** Pairs each environment with the one that it promotes from, or else with the one before it. */
export function neighbours(files: StackFile[]): [StackFile, StackFile][] {
  return files.flatMap((file, index) => {
    const before = files.find(({ stack }) => stack === previousOf(file)) ?? files[index - 1];
    return before ? [[before, file] as [StackFile, StackFile]] : [];
  });
}

/** Renders all environments and compares neighbours. @throws UserError if the settings of one are wrong */
export async function compareEnvironments(files: StackFile[] = stackFiles()): Promise<Comparison[]> {
  const rendered = new Map<string, Resource[]>();
  // One after the other, because the SDK has one stack at a time.
  for (const file of files) rendered.set(file.stack, await render(file, files));
  return neighbours(files).map(([left, right]) => ({
    left: left.stack,
    right: right.stack,
    differences: differences(rendered.get(left.stack) ?? [], rendered.get(right.stack) ?? []),
  }));
}

/** Differences that allowed.ts does not list. */
export const notAllowed = ({ differences }: Comparison): Difference[] =>
  differences.filter((each) => !allowanceFor(each, differences));

/** Formats differences as rows: not allowed ones first; one row for equal values with the same reason. */
function rows({ left, right, differences }: Comparison): Row[] {
  const all = differences.map((difference) => {
    const allowance = allowanceFor(difference, differences);
    return { difference, allowance, index: allowance ? allowed.indexOf(allowance) : -1 };
  });
  const groups = Map.groupBy(all, ({ difference, index }) => {
    const { kind, name, field } = difference;
    return JSON.stringify([index, difference.left, difference.right, ...(index < 0 ? [kind, name, field] : [])]);
  });
  return [...groups.values()]
    .map((group) => ({ first: group[0] as (typeof all)[number], group: group.map((each) => each.difference) }))
    .sort((a, b) => a.first.index - b.first.index)
    .map(({ first, group }) => ({
      what: first.allowance?.what ?? "NOT ALLOWED",
      object: firstAndCount(group.map(({ kind, name }) => `${kind} ${name}`)),
      field: firstAndCount(group.map(({ field }) => field.replace("spec.template.spec.", "…"))),
      [left]: shortened(first.difference.left),
      [right]: shortened(first.difference.right),
    }));
}

const firstAndCount = (texts: string[]): string => {
  const [first = "", ...rest] = new Set(texts);
  return rest.length > 0 ? `${first} and ${rest.length} more` : first;
};

function shortened(value: unknown): string {
  if (value === undefined) return "-";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 50 ? `${text.slice(0, 49)}…` : text;
}

function title(comparison: Comparison): string {
  const { left, right, differences } = comparison;
  const count = notAllowed(comparison).length;
  return `${left} → ${right}: ${differences.length} differences, ${count > 0 ? `${count} NOT ALLOWED` : "all allowed"}`;
}

/** Formats all comparisons, for a terminal or in Markdown. */
export function report(comparisons: Comparison[], markdown: boolean): string {
  const parts = comparisons.map((each) =>
    markdown ? `### ${title(each)}\n\n${asMarkdown(rows(each))}` : `${title(each)}\n\n${asText(rows(each))}`,
  );
  return `${parts.join("\n\n")}\n`;
}

/** npm run environments [-- --markdown]: exits with code 1 if a difference is not allowed. */
async function main(markdown: boolean): Promise<void> {
  const comparisons = await compareEnvironments();
  console.log(report(comparisons, markdown));
  if (comparisons.some((each) => notAllowed(each).length > 0)) {
    console.log("commands/environments/allowed.ts lists what environments may differ in, and why.");
    process.exitCode = 1;
  }
}

if (import.meta.main) await runMain(() => main(process.argv.includes("--markdown")));
