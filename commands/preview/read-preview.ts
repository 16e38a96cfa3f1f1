import { stripVTControlCharacters } from "node:util";
import { z } from "zod";
import type { Fields } from "../cli/fields.ts";
import { withoutSuffix } from "./generated-names.ts";
import { mergeSteps, type PrintedStep } from "./merge-steps.ts";
import { policiesOf, policyEvent } from "./policies.ts";
import type { Preview } from "./preview.ts";
import { hideSecrets } from "./secrets.ts";

const fields = z.record(z.string(), z.unknown());

const state = z.object({
  custom: z.boolean().default(true),
  inputs: fields.default({}),
  outputs: fields.default({}),
  protect: z.boolean().default(false),
  retainOnDelete: z.boolean().default(false),
});

const step = z.object({
  op: z.string(),
  urn: z.string(),
  oldState: state.nullish(),
  newState: state.nullish(),
  detailedDiff: fields.nullish(),
  diffReasons: z.array(z.string()).nullish(),
});

/** The part of the output of `pulumi preview --json` that a review needs. */
const output = z.object({
  steps: z.array(step).default([]),
  diagnostics: z.array(z.object({ message: z.string(), severity: z.string(), urn: z.string().optional() })).default([]),
  changeSummary: z.record(z.string(), z.number()).default({}),
  /** Events of the engine, added here because that output has nothing about policies. */
  policyEvents: z.array(policyEvent).default([]),
});

/**
 * Reads the output of `pulumi preview --json`, without secrets. Output that cannot be read becomes a failed preview.
 *
 * @param file name to use if no step names the stack
 * @param policyEvents events of policies from the event log
 */
export function readPreview(text: string, file: string, policyEvents: readonly unknown[] = []): Preview {
  const parsed = parse(text, policyEvents);
  if (typeof parsed === "string")
    return { environment: file, steps: [], failures: [parsed], unchanged: 0, isNew: false };
  const { diagnostics, changeSummary } = parsed;
  const steps = parsed.steps.toSorted((a, b) => (a.urn < b.urn ? -1 : Number(a.urn > b.urn)));
  const [, environment = file] = /^urn:pulumi:([^:]+)::/.exec(steps[0]?.urn ?? "") ?? [];
  const errors = diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => plainError(message));
  const policies = policiesOf(parsed.policyEvents);
  return {
    environment,
    steps: mergeSteps(withoutSuffixes(steps)),
    failures: [...new Set([...policies.refusals, ...errors])].filter(isSpecific),
    unchanged: changeSummary.same ?? 0,
    isNew: steps.some(({ op, urn }) => op === "create" && urn.includes("::pulumi:pulumi:Stack::")),
    ...(policies.asked.length > 0 && { policies }),
  };
}

/** Removes the colours of a stack trace. */
const plainError = (message: string): string =>
  stripVTControlCharacters(message)
    .replace(/^error: /, "")
    .trim();

/** Drops the engine's closing message, which only says that another error came before. */
const isSpecific = (message: string, _index: number, all: string[]): boolean =>
  all.length === 1 || !/^(preview|update) failed$/.test(message);

/** Parses the output, or returns why it cannot be parsed. */
function parse(text: string, policyEvents: readonly unknown[]): z.infer<typeof output> | string {
  let json: unknown;
  try {
    // The program's own output and the CLI's warnings may come before the JSON.
    json = JSON.parse(text.slice(Math.max(0, text.search(/^\{/m))));
  } catch {
    if (text.trim() === "") return "the preview printed nothing: does pulumi preview --json run?";
    // Secrets cannot be recognised in a part of the JSON, so none of it is shown.
    if (/^\s*\{/m.test(text))
      return "the preview's JSON is cut off or damaged: run the preview again, with pulumi preview --json";
    const message = hideSecrets(text.trim());
    return message.startsWith("error: ") ? plainError(message) : `the preview printed no JSON: ${message}`;
  }
  const parts = ["steps", "diagnostics", "changeSummary"];
  if (typeof json !== "object" || json === null || !parts.some((part) => part in json))
    return `the JSON is no preview, which has one of ${parts.join(", ")}: run pulumi preview --json`;
  const events = "policyEvents" in json && Array.isArray(json.policyEvents) ? json.policyEvents : [];
  const { data, error } = output.safeParse(hideSecrets({ ...json, policyEvents: [...events, ...policyEvents] }));
  if (data) return data;
  const [problem] = error.issues;
  return `the preview's JSON is not as Pulumi writes it: ${problem?.path.join(".")}: ${problem?.message}`;
}

/** Replaces the generated suffixes of new names by `…`, everywhere: the next preview generates others. */
function withoutSuffixes(steps: readonly PrintedStep[]): readonly PrintedStep[] {
  const generated = steps.flatMap(({ op, newState }) => {
    const { name, annotations } = (newState?.inputs.metadata ?? {}) as { name?: string; annotations?: Fields };
    return op === "create" && annotations?.["pulumi.com/autonamed"] && /^[a-z0-9.-]+$/.test(String(name)) ? [name] : [];
  });
  if (generated.length === 0) return steps;
  const names = new RegExp(generated.map((name) => String(name).replaceAll(".", "\\.")).join("|"), "g");
  return JSON.parse(JSON.stringify(steps).replace(names, (name) => `${withoutSuffix(name)}-…`));
}
