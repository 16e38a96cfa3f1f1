import { changedFields, withoutSuffix } from "../preview/changed-fields.ts";
import type { Preview, State, Step } from "../preview/preview.ts";
import { diffOf } from "../review/diff.ts";

/**
 * What a fresh preview would do that the reviewed one did not say, and the other way round, in words: a sentence for each
 * resource. None where both say the same. What is secret is hidden in both, so that one new value of a secret is like another.
 */
export function differencesFromReview(reviewed: Preview, fresh: Preview): string[] {
  const before = byResource(reviewed);
  const after = byResource(fresh);
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((key) => {
    const left = before.get(key);
    const right = after.get(key);
    if (!left) return [`${title(right)}: not in the review; now ${told(right)}`];
    if (!right) return [`${title(left)}: reviewed was ${told(left)}; now nothing would be done to it`];
    if (left.all === right.all) return [];
    const gone = left.lines.filter((line) => !right.lines.includes(line));
    const come = right.lines.filter((line) => !left.lines.includes(line));
    if (gone.length + come.length === 0) return [`${title(left)}: differs in a value that is too long to show`];
    return [[`${title(left)}:`, `  reviewed: ${told(left, gone)}`, `  now:      ${told(right, come)}`].join("\n")];
  });
}

interface Held {
  readonly step: Step;
  /** All that decides what happens, as text: nothing in it is cut. */
  readonly all: string;
  /** The same as people read it. */
  readonly lines: readonly string[];
}

function byResource({ steps }: Preview): Map<string, Held> {
  const names = madeUpNames(steps);
  const plainly = (text: string) => names.reduce((rest, name) => rest.replaceAll(name, withoutSuffix(name)), text);
  return new Map(
    steps.map((step) => {
      const all = plainly(JSON.stringify(decisive(step)));
      const lines = diffOf(step).map(plainly);
      return [step.urn, { step, all, lines }];
    }),
  );
}

function decisive(step: Step): unknown {
  const { op, deleteFirst, missing, before, after, changedPaths } = step;
  const options = (state?: State) => [state?.protect, state?.retainOnDelete];
  const values = before && after ? changedFields(step) : (after ?? before)?.inputs;
  return {
    op,
    deleteFirst,
    missing,
    options: [options(before), options(after)],
    values,
    paths: changedPaths.toSorted(),
  };
}

/** Names that the provider made up for what is new: others in each preview. */
function madeUpNames(steps: readonly Step[]): string[] {
  return steps.flatMap(({ after }) => {
    const { name, annotations } = (after?.inputs.metadata ?? {}) as { name?: unknown; annotations?: object };
    return typeof name === "string" && annotations && "pulumi.com/autonamed" in annotations ? [name] : [];
  });
}

const title = (held?: Held): string => `${held?.step.kind} ${held?.step.name}`;

/** The operation, and some of its lines. */
function told(held?: Held, lines: readonly string[] = held?.lines.slice(1) ?? []): string {
  const fields = lines.filter((line) => !line.startsWith("@@"));
  const shown = fields.slice(0, 6).map((line) => line.replace(/\s+/g, " "));
  const more = fields.length > shown.length ? [`${fields.length - shown.length} more`] : [];
  return [held?.step.op, ...shown, ...more].join("; ");
}
