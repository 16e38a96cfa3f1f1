import type { Fields } from "../cli/fields.ts";
import type { State, Step } from "./preview.ts";

/** A step as Pulumi prints it. */
export interface PrintedStep {
  readonly op: string;
  readonly urn: string;
  readonly oldState?: State | null;
  readonly newState?: State | null;
  readonly detailedDiff?: Fields | null;
  readonly diffReasons?: readonly string[] | null;
}

const operations: Readonly<Record<string, Step["op"]>> = {
  same: "same",
  create: "create",
  import: "create",
  update: "update",
  replace: "replace",
  "create-replacement": "replace",
  "import-replacement": "replace",
  "delete-replaced": "replace",
  delete: "delete",
  discard: "delete",
};

/** Merges the steps of each resource into one: Pulumi may print three for a replacement, and two after a refresh. */
export function mergeSteps(steps: readonly PrintedStep[]): Step[] {
  const refreshed = new Set(steps.filter(({ op }) => op === "refresh").map(({ urn }) => urn));
  // The preview of a refresh plans nothing, so its steps are what happened outside Pulumi.
  const isPlan = steps.some(({ op, urn }) => urn.includes("::pulumi:pulumi:Stack::") && op !== "refresh");
  return [...Map.groupBy(steps, ({ urn }) => urn).values()].flatMap((group) => {
    const drift = refreshed.size > 0 && group.some(({ op }) => op === "update" || op === "delete") && !isPlan;
    const step = group.find(({ op }) => op === "replace") ?? group.findLast(({ op }) => operations[op] !== undefined);
    const op = step && (drift ? "drift" : operations[step.op]);
    if (!step || !op) return [];
    const missing = (op === "create" && refreshed.has(step.urn)) || (op === "drift" && step.op === "delete");
    return [toStep(step, op, deletesFirst(group), missing)];
  });
}

function toStep(printed: PrintedStep, op: Step["op"], deleteFirst: boolean | undefined, missing: boolean): Step {
  const [types = "", name = ""] = printed.urn.split("::").slice(-2);
  const type = types.split("$").at(-1) ?? types;
  const before = printed.oldState ?? undefined;
  const after = printed.newState ?? undefined;
  return {
    urn: printed.urn,
    op,
    type,
    kind: type.startsWith("pulumi:providers:") ? "Provider" : (type.split(":").at(-1) ?? type),
    name,
    before,
    after: op === "delete" ? undefined : after,
    deleteFirst: deleteFirst ?? haveSameAddress(before, after),
    missing,
    changedPaths: printed.detailedDiff ? Object.keys(printed.detailedDiff) : (printed.diffReasons ?? []),
  };
}

/** Reads the order of a replacement from its steps; undefined if Pulumi printed only one. */
function deletesFirst(group: readonly PrintedStep[]): boolean | undefined {
  const indexOf = (wanted: string) => group.findIndex(({ op }) => op === wanted);
  const deleted = indexOf("delete-replaced");
  const created = indexOf("create-replacement");
  return deleted < 0 || created < 0 ? undefined : deleted < created;
}

/** Returns whether both are one object to the cluster, which must then delete the old one first. */
function haveSameAddress(before?: State, after?: State): boolean {
  const address = (state?: State) => {
    const { name, namespace } = (state?.inputs.metadata ?? {}) as Fields;
    return name === undefined ? undefined : JSON.stringify([namespace, name]);
  };
  return address(before) !== undefined && address(before) === address(after);
}
