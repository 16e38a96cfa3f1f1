import { plainText, type Sentence } from "../../../commands/cli/sentence.ts";
import type { Preview, Step } from "../../../commands/preview/preview.ts";

/** Returns a sentence as plain text, for assertions. */
export const text = (sentence: Sentence | undefined): string | undefined => sentence && plainText(sentence);

/** Properties of a step; every other has its most common value. */
export interface StepOf extends Partial<Omit<Step, "before" | "after">> {
  /** Inputs before the step. */
  readonly before?: { [field: string]: unknown };
  /** Inputs after the step. */
  readonly after?: { [field: string]: unknown };
  /** `protect` before and after. @default false */
  readonly protect?: readonly [boolean, boolean];
  /** `retainOnDelete` before and after. @default false */
  readonly retain?: readonly [boolean, boolean];
}

const off = [false, false] as const;

/** Makes a step of a preview. */
export function step(kind: string, { before, after, protect = off, retain = off, ...rest }: StepOf): Step {
  const state = (inputs: { [field: string]: unknown }, index: 0 | 1) => ({
    custom: true,
    inputs,
    outputs: {},
    protect: protect[index],
    retainOnDelete: retain[index],
  });
  return {
    urn: `urn:pulumi:qa::slipway::kubernetes:any/v1:${kind}::${rest.name ?? "it"}`,
    op: before ? (after ? "update" : "delete") : "create",
    type: `kubernetes:any/v1:${kind}`,
    kind,
    name: "it",
    deleteFirst: false,
    missing: false,
    changedPaths: [],
    ...rest,
    before: before && state(before, 0),
    after: after && state(after, 1),
  };
}

/** Makes a preview with these steps. */
export const preview = (environment: string, ...steps: Step[]): Preview => ({
  environment,
  steps,
  failures: [],
  unchanged: 0,
  isNew: false,
});
