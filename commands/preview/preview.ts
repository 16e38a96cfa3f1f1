import { stripVTControlCharacters } from "node:util";
import { z } from "zod";
import type { Fields } from "../cli/fields.ts";
import { withoutSuffix } from "./changed-fields.ts";
import { type Policies, policiesOf, policyEvent } from "./policies.ts";
import { hideSecrets } from "./secrets.ts";

const fields = z.record(z.string(), z.unknown());

const state = z.object({
  custom: z.boolean().default(true),
  inputs: fields.default({}),
  outputs: fields.default({}),
  protect: z.boolean().default(false),
  retainOnDelete: z.boolean().default(false),
});

/** A resource before or after. */
export type State = z.infer<typeof state>;

const step = z.object({
  op: z.string(),
  urn: z.string(),
  oldState: state.nullish(),
  newState: state.nullish(),
  detailedDiff: fields.nullish(),
  diffReasons: z.array(z.string()).nullish(),
});

/** The output of `pulumi preview --json`, as far as it is looked at. */
const digest = z.object({
  steps: z.array(step).default([]),
  diagnostics: z.array(z.object({ message: z.string(), severity: z.string(), urn: z.string().optional() })).default([]),
  changeSummary: z.record(z.string(), z.number()).default({}),
  /** Not part of that output, which leaves policies out: the engine's own events. */
  policyEvents: z.array(policyEvent).default([]),
});

type RawStep = z.infer<typeof step>;

/** One thing that would be done to one resource. */
export interface Step {
  /** Its name to Pulumi: no two resources of a stack have the same. */
  readonly urn: string;
  /** `drift` is what happened to it outside Pulumi. */
  readonly op: "create" | "update" | "replace" | "delete" | "same" | "drift";
  /** Its type to Pulumi, as in `kubernetes:apps/v1:Deployment`. */
  readonly type: string;
  /** The last part of its type, as in `Deployment`. */
  readonly kind: string;
  /** Name in the program. */
  readonly name: string;
  readonly before?: State;
  readonly after?: State;
  /** Whether, where it is replaced, the old one goes before the new one comes. */
  readonly deleteFirst: boolean;
  /** Whether it was found missing in the cluster, and is made again. */
  readonly missing: boolean;
  /** What Pulumi says has changed, by its own paths: the only sign of a changed secret. */
  readonly changedPaths: readonly string[];
}

/** What one environment's preview says. */
export interface Preview {
  readonly environment: string;
  /** What would be done, in the order of the resources' URNs: that of a preview is another one each time. */
  readonly steps: readonly Step[];
  /** What failed, in the words of whatever did; none where nothing did. */
  readonly failures: readonly string[];
  /** Resources that stay as they are. */
  readonly unchanged: number;
  /** Whether there is nothing there yet. */
  readonly isNew: boolean;
  /** What policies say of it. Default: none was asked. */
  readonly policies?: Policies;
}

/**
 * Reads what `pulumi preview --json` printed; secrets are taken out before anything else is looked at.
 *
 * @param text what it printed; anything that is not its JSON counts as the message of a failure
 * @param file name of the environment, where the text does not tell it
 * @param policyEvents what policies have said meanwhile. Default: nothing
 */
export function readPreview(text: string, file: string, policyEvents: readonly unknown[] = []): Preview {
  const parsed = parse(text, policyEvents);
  if (typeof parsed === "string")
    return { environment: file, steps: [], failures: [parsed], unchanged: 0, isNew: false };
  const { diagnostics, changeSummary } = parsed;
  const steps = parsed.steps.toSorted((a, b) => (a.urn < b.urn ? -1 : Number(a.urn > b.urn)));
  const [, environment = file] = /^urn:pulumi:([^:]+)::/.exec(steps[0]?.urn ?? "") ?? [];
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const policies = policiesOf(parsed.policyEvents);
  return {
    environment,
    steps: merged(withPlainNames(steps)),
    failures: [...new Set([...policies.refusals, ...errors.map(({ message }) => plain(message))])].filter(saysMore),
    unchanged: changeSummary.same ?? 0,
    isNew: steps.some(({ op, urn }) => op === "create" && urn.includes("::pulumi:pulumi:Stack::")),
    ...(policies.asked.length > 0 && { policies }),
  };
}

/** An error's text, without the colours in which Node shows a stack trace. */
const plain = (message: string): string =>
  stripVTControlCharacters(message)
    .replace(/^error: /, "")
    .trim();

/** The engine's own last word, which says only that there was an error before it. */
const saysMore = (message: string, _place: number, all: string[]): boolean =>
  all.length === 1 || !/^(preview|update) failed$/.test(message);

function parse(text: string, policyEvents: readonly unknown[]): z.infer<typeof digest> | string {
  let json: unknown;
  try {
    // Before the JSON a program's own output may stand, and the CLI's warnings.
    json = JSON.parse(text.slice(Math.max(0, text.search(/^\{/m))));
  } catch {
    if (text.trim() === "") return "the preview printed nothing: does pulumi preview --json run?";
    // In a part of the JSON nobody can tell what is secret.
    if (/^\s*\{/m.test(text))
      return "the preview's JSON is cut off or damaged: run the preview again, with pulumi preview --json";
    const said = hideSecrets(text.trim());
    return said.startsWith("error: ") ? plain(said) : `the preview printed no JSON: ${said}`;
  }
  const parts = ["steps", "diagnostics", "changeSummary"];
  if (typeof json !== "object" || json === null || !parts.some((part) => part in json))
    return `the JSON is no preview, which has one of ${parts.join(", ")}: run pulumi preview --json`;
  const said = "policyEvents" in json && Array.isArray(json.policyEvents) ? json.policyEvents : [];
  const { data, error } = digest.safeParse(hideSecrets({ ...json, policyEvents: [...said, ...policyEvents] }));
  if (data) return data;
  const [problem] = error.issues;
  return `the preview's JSON is not as Pulumi writes it: ${problem?.path.join(".")}: ${problem?.message}`;
}

/** The names that the provider made up for new objects, without what would be another one in the next preview. */
function withPlainNames(steps: readonly RawStep[]): readonly RawStep[] {
  const made = steps.flatMap(({ op, newState }) => {
    const { name, annotations } = (newState?.inputs.metadata ?? {}) as { name?: string; annotations?: Fields };
    return op === "create" && annotations?.["pulumi.com/autonamed"] && /^[a-z0-9.-]+$/.test(String(name)) ? [name] : [];
  });
  if (made.length === 0) return steps;
  const names = new RegExp(made.map((name) => String(name).replaceAll(".", "\\.")).join("|"), "g");
  return JSON.parse(JSON.stringify(steps).replace(names, (name) => `${withoutSuffix(name)}-…`));
}

/** One step for each resource: a replacement may be told in three, and what was found by a refresh in two. */
function merged(steps: readonly RawStep[]): Step[] {
  const refreshed = new Set(steps.filter(({ op }) => op === "refresh").map(({ urn }) => urn));
  // A refresh alone is told by steps of its own, in which nothing is planned.
  const planned = steps.some(({ op, urn }) => urn.includes("::pulumi:pulumi:Stack::") && op !== "refresh");
  return [...Map.groupBy(steps, ({ urn }) => urn).values()].flatMap((group) => {
    const drift = refreshed.size > 0 && group.some(({ op }) => op === "update" || op === "delete") && !planned;
    const step = group.find(({ op }) => op === "replace") ?? group.findLast(({ op }) => operations[op] !== undefined);
    const op = step && (drift ? "drift" : operations[step.op]);
    if (!step || !op) return [];
    const missing = (op === "create" && refreshed.has(step.urn)) || (op === "drift" && step.op === "delete");
    return [complete(step, op, deletesFirst(group), missing)];
  });
}

const operations: Record<string, Step["op"]> = {
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

function complete(raw: RawStep, op: Step["op"], deleteFirst: boolean | undefined, missing: boolean): Step {
  const [types = "", name = ""] = raw.urn.split("::").slice(-2);
  const type = types.split("$").at(-1) ?? types;
  const before = raw.oldState ?? undefined;
  const after = raw.newState ?? undefined;
  return {
    urn: raw.urn,
    op,
    type,
    kind: type.startsWith("pulumi:providers:") ? "Provider" : (type.split(":").at(-1) ?? type),
    name,
    before,
    after: op === "delete" ? undefined : after,
    deleteFirst: deleteFirst ?? sameObject(before, after),
    missing,
    changedPaths: raw.detailedDiff ? Object.keys(raw.detailedDiff) : (raw.diffReasons ?? []),
  };
}

/** Told by the order of the steps, where they were asked for; else undefined. */
function deletesFirst(group: readonly RawStep[]): boolean | undefined {
  const place = (wanted: string) => group.findIndex(({ op }) => op === wanted);
  const deleted = place("delete-replaced");
  const created = place("create-replacement");
  return deleted < 0 || created < 0 ? undefined : deleted < created;
}

/** A cluster can't have two objects of one name, so that the old one goes first. */
function sameObject(before?: State, after?: State): boolean {
  const address = (found?: State) => {
    const { name, namespace } = (found?.inputs.metadata ?? {}) as Fields;
    return name === undefined ? undefined : JSON.stringify([namespace, name]);
  };
  return address(before) !== undefined && address(before) === address(after);
}
