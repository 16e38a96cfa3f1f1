import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";

const folder = resolve(import.meta.dirname, "../../policy");

/** Returns the options of `pulumi preview` and `pulumi up` for the policy pack; a team configures it in policy/config.json. */
export function policyOptions(pack: string = folder): string[] {
  const config = join(pack, "config.json");
  return ["--policy-pack", pack, ...(existsSync(config) ? ["--policy-pack-config", config] : [])];
}

const names = z.object({ passed: z.array(z.string()).default([]), failed: z.array(z.string()).default([]) }).optional();

/** The part of an engine event that is about policies. */
export const policyEvent = z.object({
  policyEvent: z
    .object({
      resourceUrn: z.string().default(""),
      message: z.string(),
      policyName: z.string(),
      enforcementLevel: z.string(),
    })
    .optional(),
  policyAnalyzeSummaryEvent: names,
  policyAnalyzeStackSummaryEvent: names,
});

/** Results of the policies for an environment. */
export interface Policies {
  /** Violations of mandatory policies: the preview failed. */
  readonly refusals: readonly string[];
  /** Violations of advisory policies. */
  readonly remarks: readonly string[];
  /** Names of all evaluated policies. */
  readonly asked: readonly string[];
  /** Names of the violated policies. */
  readonly broken: readonly string[];
}

/** Reads the events of policies from the log that `pulumi preview --event-log` writes. */
export function readPolicyEvents(log: string): unknown[] {
  return log
    .split("\n")
    .filter((line) => /"policy(Analyze(Stack)?Summary)?Event":/.test(line))
    .map((line) => JSON.parse(line));
}

/** Summarises the events of a preview. */
export function policiesOf(events: readonly z.infer<typeof policyEvent>[]): Policies {
  const summaries = events.flatMap(
    ({ policyAnalyzeSummaryEvent, policyAnalyzeStackSummaryEvent }) =>
      policyAnalyzeSummaryEvent ?? policyAnalyzeStackSummaryEvent ?? [],
  );
  const violations = events.flatMap(({ policyEvent }) => policyEvent ?? []);
  const messages = (verb: string, mandatory: boolean) =>
    violations
      .filter(({ enforcementLevel }) => (enforcementLevel === "mandatory") === mandatory)
      .map(({ policyName, resourceUrn, message }) => {
        const [types = "", name = ""] = resourceUrn.split("::").slice(-2);
        const [reason = "", ...rest] = message.trim().split("\n");
        const title = `policy ${policyName} ${verb} ${types.split(/[$:]/).at(-1)} ${name}: ${reason}`;
        return [title, ...rest.map((line) => `  ${line}`)].join("\n");
      })
      .sort();
  const sorted = (all: string[]) => [...new Set(all)].sort();
  return {
    refusals: messages("refuses", true),
    remarks: messages("remarks on", false),
    asked: sorted(summaries.flatMap(({ passed, failed }) => [...passed, ...failed])),
    broken: sorted(violations.map(({ policyName }) => policyName)),
  };
}
