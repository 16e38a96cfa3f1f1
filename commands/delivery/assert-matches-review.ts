import { UserError } from "../../settings/user-error.ts";
import { changedFields } from "../preview/changed-fields.ts";
import { withoutSuffix } from "../preview/generated-names.ts";
import type { Preview, State, Step } from "../preview/preview.ts";
import { diffOf } from "../review/diff.ts";

/** Compares a fresh preview with the reviewed one. @throws UserError if it fails or differs; it lists each difference */
export function assertMatchesReview(reviewed: Preview, fresh: Preview, stack: string): void {
  if (fresh.failures.length > 0)
    throw new UserError(`The preview of ${stack} fails; nothing was changed.\n${fresh.failures.join("\n")}`);
  const differences = differencesFromReview(reviewed, fresh);
  if (differences.length === 0) return;
  const list = differences.map((each) => `  - ${each.replaceAll("\n", "\n    ")}`).join("\n");
  throw new UserError(
    `The plan for ${stack} differs from the reviewed one; nothing was changed.\n${list}\n` +
      "  Review the current plan: bring the pull request up to date, or open another one.",
  );
}

/**
 * Describes the differences between two previews, in both directions: a sentence for each resource. Secrets are hidden in
 * both, so two new values of a secret count as equal.
 */
function differencesFromReview(reviewed: Preview, fresh: Preview): string[] {
  const before = byUrn(reviewed);
  const after = byUrn(fresh);
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((urn) => {
    const left = before.get(urn);
    const right = after.get(urn);
    if (!left) return [`${title(right)}: not in the review; now ${summary(right)}`];
    if (!right) return [`${title(left)}: reviewed was ${summary(left)}; now nothing would be done to it`];
    if (left.complete === right.complete) return [];
    const removed = left.lines.filter((line) => !right.lines.includes(line));
    const added = right.lines.filter((line) => !left.lines.includes(line));
    if (removed.length + added.length === 0) return [`${title(left)}: differs in a value that is too long to show`];
    return [`${title(left)}:\n  reviewed: ${summary(left, removed)}\n  now:      ${summary(right, added)}`];
  });
}

interface PlannedStep {
  readonly step: Step;
  /** Everything that decides what happens, as text; never shortened. */
  readonly complete: string;
  /** The same, as readers see it. */
  readonly lines: readonly string[];
}

function byUrn({ steps }: Preview): Map<string, PlannedStep> {
  const names = generatedNames(steps);
  const normalised = (text: string) => names.reduce((rest, name) => rest.replaceAll(name, withoutSuffix(name)), text);
  return new Map(
    steps.map((step) => {
      const complete = normalised(JSON.stringify(decisiveParts(step)));
      return [step.urn, { step, complete, lines: diffOf(step).map(normalised) }];
    }),
  );
}

function decisiveParts(step: Step): unknown {
  const { op, deleteFirst, missing, before, after, changedPaths } = step;
  const options = (state?: State) => [state?.protect, state?.retainOnDelete];
  return {
    op,
    deleteFirst,
    missing,
    options: [options(before), options(after)],
    values: before && after ? changedFields(step) : (after ?? before)?.inputs,
    paths: changedPaths.toSorted(),
  };
}

/** Names that the provider generated for new objects; they differ between previews. */
function generatedNames(steps: readonly Step[]): string[] {
  return steps.flatMap(({ after }) => {
    const { name, annotations } = (after?.inputs.metadata ?? {}) as { name?: unknown; annotations?: object };
    return typeof name === "string" && annotations && "pulumi.com/autonamed" in annotations ? [name] : [];
  });
}

const title = (planned?: PlannedStep): string => `${planned?.step.kind} ${planned?.step.name}`;

/** The operation and the first of its changed lines. */
function summary(planned?: PlannedStep, lines: readonly string[] = planned?.lines.slice(1) ?? []): string {
  const fields = lines.filter((line) => !line.startsWith("@@"));
  const shown = fields.slice(0, 6).map((line) => line.replace(/\s+/g, " "));
  const more = fields.length > shown.length ? [`${fields.length - shown.length} more`] : [];
  return [planned?.step.op, ...shown, ...more].join("; ");
}
