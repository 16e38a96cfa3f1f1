import type { z } from "zod";
import { remedy } from "./remedy.ts";
import { secretKeys } from "./schema.ts";

/** A problem with one setting. */
export interface Problem {
  /** Path for `pulumi config --path`, as in `slipway:web.port`. */
  setting: string;
  /** Current value, as JSON. @default not set, or not to be shown */
  value?: string;
  /** Allowed values, in words. @default there is no such setting */
  allowed?: string;
  /** Fix it by removing the setting. @default true if nothing is allowed */
  remove?: boolean;
  /** Setting to set instead. */
  instead?: string;
  /** Value to set. @default the setting's example */
  example?: string;
  /** Text to write in quotes, without which YAML reads a number, a truth value or a date. */
  text?: string;
}

/** Formats one message with every problem, what is allowed, and what to type. */
export function formatProblems(stack: string, problems: Problem[]): string {
  const lines = problems.flatMap((problem) => [
    problem.allowed === undefined
      ? `  ${problem.setting}: there is no such setting`
      : `  ${problem.setting}${problem.value === undefined ? "" : ` is ${problem.value}`}; allowed: ${problem.allowed}`,
    `    ${remedy(stack, problem)}`,
  ]);
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return `${count} in Pulumi.${stack}.yaml; nothing was contacted and nothing changed.\n\n${lines.join("\n")}\n`;
}

/** Mappings whose values reach somebody else's program, as text. */
export const textMappings: readonly PropertyKey[] = ["environment", "args", "ingressAnnotations"];

/** Whether a setting is text for somebody else's program, even if it looks like a number. */
const isText = (path: readonly PropertyKey[]): boolean =>
  [...textMappings, "command", "migrate"].includes(path.at(-2) ?? "");

/** Turns an issue of the schema into problems. */
export function problemsOf(issue: z.core.$ZodIssue, parents: readonly PropertyKey[] = []): Problem[] {
  const path = [...parents, ...issue.path];
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => ({ setting: settingAt([...path, key]) }));
  // A union fails as a whole. If one of its branches takes an object, the problems of that object say more.
  if (issue.code === "invalid_union" && isMapping(issue.input)) {
    const branches = issue.errors.filter((problems) =>
      problems.every((problem) => problem.path.length > 0 || problem.code !== "invalid_type"),
    );
    // The branch that knows most of the keys is the one that was meant.
    const unknown = (problems: z.core.$ZodIssue[]) =>
      problems.filter(({ code, path }) => code === "unrecognized_keys" && path.length === 0).length;
    const [branch] = branches.sort((a, b) => unknown(a) - unknown(b));
    if (branch) return branch.flatMap((problem) => problemsOf(problem, path));
  }
  const setting = settingAt(path);
  if (issue.code === "invalid_key")
    return issue.issues.map((problem) => ({ setting, allowed: problem.message, remove: true }));
  const hidden = secretKeys.includes(String(path[0])) || issue.input === undefined || isMapping(issue.input);
  const unquoted = !hidden && isText(path) && (typeof issue.input === "boolean" || typeof issue.input === "number");
  return [
    {
      setting,
      value: hidden ? undefined : JSON.stringify(issue.input),
      allowed: issue.message,
      ...(unquoted && { text: String(issue.input) }),
      ...(issue.code === "custom" && issue.params?.example !== undefined && { example: String(issue.params.example) }),
    },
  ];
}

/** Path of a setting for `pulumi config --path`. */
export function settingAt([key, ...rest]: readonly PropertyKey[]): string {
  const steps = rest.map((step) => {
    if (typeof step === "number") return `[${step}]`;
    return /^[A-Za-z_][\w-]*$/.test(String(step)) ? `.${String(step)}` : `["${String(step)}"]`;
  });
  return `slipway:${String(key)}${steps.join("")}`;
}

export const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
