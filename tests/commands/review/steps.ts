import type { Sentence } from "../../../commands/cli/sentence.ts";
import type { Preview, Step } from "../../../commands/preview/preview.ts";

/** A sentence as plain text, for assertions. */
export const text = (sentence: Sentence | undefined): string | undefined =>
  sentence?.map((part) => (typeof part === "string" ? part : part.value)).join("");

/** What a step is about; what is left out is as it mostly is. */
export interface StepOf extends Partial<Omit<Step, "before" | "after">> {
  /** Inputs before; with the options that decide what becomes of it. */
  readonly before?: { [field: string]: unknown };
  readonly after?: { [field: string]: unknown };
  readonly protect?: [boolean, boolean];
  readonly retain?: boolean;
}

/** A step of a preview. */
export function step(kind: string, { before, after, protect = [false, false], retain = false, ...rest }: StepOf): Step {
  const state = (inputs: { [field: string]: unknown }, place: 0 | 1) => ({
    custom: true,
    inputs,
    outputs: {},
    protect: protect[place],
    retainOnDelete: retain,
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

/** A preview of nothing but these. */
export const preview = (environment: string, ...steps: Step[]): Preview => ({
  environment,
  steps,
  failures: [],
  unchanged: 0,
  isNew: false,
});
