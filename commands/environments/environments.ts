import { previousOf, type StackFile, stackFiles } from "../../settings/stack-files.ts";
import { runMain } from "../cli/run-main.ts";
import { asMarkdown, asText, type Row } from "../cli/table.ts";
import { allowanceFor, allowed } from "./allowed.ts";
import { type Difference, differences } from "./differences.ts";
import { type Resource, render } from "./render.ts";

/** What differs between two neighbouring environments. */
export interface Comparison {
  readonly left: string;
  readonly right: string;
  readonly differences: Difference[];
}

/** Each environment with the one before it: the one that it promotes from, or else the one that stands before it. */
export function neighbours(files: StackFile[]): [StackFile, StackFile][] {
  return files.flatMap((file, place) => {
    const before = files.find(({ stack }) => stack === previousOf(file)) ?? files[place - 1];
    return before ? [[before, file] as [StackFile, StackFile]] : [];
  });
}

/**
 * Renders all environments and compares each with the one before it.
 *
 * @throws UserError where the settings of one are wrong
 */
export async function compareEnvironments(files: StackFile[] = stackFiles()): Promise<Comparison[]> {
  const rendered = new Map<string, Resource[]>();
  for (const file of files) rendered.set(file.stack, await render(file, files)); // one by one: the SDK knows one stack at a time
  return neighbours(files).map(([left, right]) => ({
    left: left.stack,
    right: right.stack,
    differences: differences(rendered.get(left.stack) ?? [], rendered.get(right.stack) ?? []),
  }));
}

/** The differences that nothing allows. */
export const outside = ({ differences }: Comparison): Difference[] =>
  differences.filter((each) => !allowanceFor(each, differences));

/** Differences as rows: what is not allowed first, and what has the same reason and the same values in one row. */
export function rows({ left, right, differences }: Comparison): Row[] {
  const groups = Map.groupBy(differences, (each) => {
    const allowance = allowanceFor(each, differences);
    const place = allowance ? allowed.indexOf(allowance) : -1;
    const alone = allowance ? "" : `${each.kind} ${each.name} ${each.field}`;
    return JSON.stringify([allowance?.what, alone, each.left, each.right, place]);
  });
  return [...groups.values()]
    .map((group) => {
      const [first] = group as [Difference, ...Difference[]];
      const allowance = allowanceFor(first, differences);
      return { group, first, allowance, place: allowance ? allowed.indexOf(allowance) : -1 };
    })
    .sort((a, b) => a.place - b.place)
    .map(({ group, first, allowance }) => {
      return {
        what: allowance?.what ?? "NOT ALLOWED",
        object: several(group.map(({ kind, name }) => `${kind} ${name}`)),
        field: several(group.map(({ field }) => field.replace("spec.template.spec.", "…"))),
        [left]: shown(first.left),
        [right]: shown(first.right),
      };
    });
}

const several = (texts: string[]): string => {
  const [first = "", ...rest] = new Set(texts);
  return rest.length > 0 ? `${first} and ${rest.length} more` : first;
};

function shown(value: unknown): string {
  if (value === undefined) return "-";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 50 ? `${text.slice(0, 49)}…` : text;
}

/** One line over each table. */
function title(comparison: Comparison): string {
  const { left, right, differences } = comparison;
  const bad = outside(comparison).length;
  const verdict = bad > 0 ? `${bad} NOT ALLOWED` : "all of them allowed";
  return `${left} → ${right}: ${differences.length} differences, ${verdict}`;
}

/** All comparisons, for a terminal or for a pull request. */
export function report(comparisons: Comparison[], markdown: boolean): string {
  const parts = comparisons.map((each) =>
    markdown ? `### ${title(each)}\n\n${asMarkdown(rows(each))}` : `${title(each)}\n\n${asText(rows(each))}`,
  );
  return `${parts.join("\n\n")}\n`;
}

/** npm run environments [-- --markdown]: exit code 1 where there is a difference that nothing in allowed.ts allows. */
async function main(markdown: boolean): Promise<void> {
  const comparisons = await compareEnvironments();
  console.log(report(comparisons, markdown));
  if (comparisons.some((each) => outside(each).length > 0)) {
    console.log("What environments may differ in, and why, stands in commands/environments/allowed.ts.");
    process.exitCode = 1;
  }
}

if (import.meta.main) await runMain(() => main(process.argv.includes("--markdown")));
