import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";

/** The policy pack, with which every preview here runs. */
const folder = resolve(import.meta.dirname, "../../policy");

/** Options of `pulumi preview` and `pulumi up` by which the rules hold; what a team set of them is in policy/config.json. */
export function policyOptions(pack: string = folder): string[] {
  const config = join(pack, "config.json");
  return ["--policy-pack", pack, ...(existsSync(config) ? ["--policy-pack-config", config] : [])];
}

const names = z.object({ passed: z.array(z.string()).default([]), failed: z.array(z.string()).default([]) }).optional();

/** An event of the engine, as far as it is about policies. */
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

/** What policies say of an environment. */
export interface Policies {
  /** What a mandatory one refuses, and why: the preview failed. */
  readonly refusals: readonly string[];
  /** What an advisory one remarks. */
  readonly remarks: readonly string[];
  /** Names of all that were asked. */
  readonly asked: readonly string[];
  /** Names of those that have something to say. */
  readonly broken: readonly string[];
}

/** The events of policies among those that `pulumi preview --event-log` writes, one on each line. */
export function readPolicyEvents(log: string): unknown[] {
  return log
    .split("\n")
    .filter((line) => /"policy(Analyze(Stack)?Summary)?Event":/.test(line))
    .map((line) => JSON.parse(line));
}

/** What the events of a preview say, in words. */
export function policiesOf(events: readonly z.infer<typeof policyEvent>[]): Policies {
  const summaries = events.flatMap(
    ({ policyAnalyzeSummaryEvent, policyAnalyzeStackSummaryEvent }) =>
      policyAnalyzeSummaryEvent ?? policyAnalyzeStackSummaryEvent ?? [],
  );
  const violations = events.flatMap(({ policyEvent }) => policyEvent ?? []);
  const told = (verb: string, mandatory: boolean) =>
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
    refusals: told("refuses", true),
    remarks: told("remarks on", false),
    asked: sorted(summaries.flatMap(({ passed, failed }) => [...passed, ...failed])),
    broken: sorted(violations.map(({ policyName }) => policyName)),
  };
}
