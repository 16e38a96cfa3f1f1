import type {
  EnforcementLevel,
  PolicyConfigSchema,
  ResourceValidationPolicy,
  StackValidationPolicy,
} from "@pulumi/policy";
import { replaceUnknown } from "./unknown-values.ts";

/** Inputs of a resource, with `unknown` for values that no preview knows. */
// biome-ignore lint/suspicious/noExplicitAny: their shape depends on the type
export type Props = any;

/** Resource that a rule checks. */
export interface Resource {
  /** Type, as in `kubernetes:apps/v1:Deployment`. */
  readonly type: string;
  /** Name in the program. */
  readonly name: string;
  readonly urn: string;
  readonly props: Props;
  /** Whether Pulumi refuses to delete it. */
  readonly protect: boolean;
}

/** Description of a rule, which a violation shows. */
export interface Rule<Configuration extends object = object> {
  /** Name, as in `image-by-digest`. */
  readonly id: string;
  /** `advisory` if a violation is only shown. @default `mandatory`, which fails the preview */
  readonly level?: Extract<EnforcementLevel, "mandatory" | "advisory">;
  readonly reason: string;
  readonly remedy: string;
  /** Settings of the rule. @default none */
  readonly configuration?: { readonly [Name in keyof Configuration]: Setting<Configuration[Name]> };
}

export interface Setting<Value> {
  readonly type: "array" | "integer" | "boolean";
  readonly description: string;
  readonly default: Value;
}

/** Problem of a stack; `urn` names the resource that has it, if any. */
type StackProblem = { readonly problem: string; readonly urn?: string };

/** Creates a rule about single resources. @param check returns a sentence for each problem */
export const resourceRule = <Configuration extends object>(
  rule: Rule<Configuration>,
  check: (resource: Resource, configuration: Configuration) => readonly string[],
): ResourceValidationPolicy => ({
  ...described(rule),
  validateResource: ({ type, name, urn, props, opts, getConfig }, report) => {
    const resource = { type, name, urn, props: replaceUnknown(props), protect: opts.protect };
    const problems = check(resource, configured(rule, getConfig()));
    if (problems.length > 0) report(message(problems, rule));
  },
});

/** Creates a rule about all resources of a stack. */
export const stackRule = <Configuration extends object>(
  rule: Rule<Configuration>,
  check: (resources: readonly Omit<Resource, "props">[], configuration: Configuration) => readonly StackProblem[],
): StackValidationPolicy => ({
  ...described(rule),
  validateStack: ({ resources, getConfig }, report) => {
    const all = resources.map(({ type, name, urn, opts }) => ({ type, name, urn, protect: opts.protect }));
    for (const { problem, urn } of check(all, configured(rule, getConfig()))) report(message([problem], rule), urn);
  },
});

const message = (problems: readonly string[], { remedy }: Pick<Rule, "remedy">): string =>
  [...problems, `Remedy: ${remedy}`].join("\n");

function described<Configuration extends object>({
  id,
  level = "mandatory",
  reason,
  remedy,
  configuration,
}: Rule<Configuration>) {
  const configSchema = configuration && ({ properties: schemaOf(configuration) } satisfies PolicyConfigSchema);
  return { name: id, description: reason, remediationSteps: remedy, enforcementLevel: level, configSchema };
}

function schemaOf(settings: object): PolicyConfigSchema["properties"] {
  const items = { items: { type: "string" } };
  return Object.fromEntries(
    Object.entries(settings).map(([name, setting]) => [name, { ...setting, ...(setting.type === "array" && items) }]),
  );
}

/** Configuration of a rule: what a team set, and the defaults. */
function configured<Configuration extends object>(rule: Rule<Configuration>, set: Partial<Configuration>) {
  const settings = Object.entries<Setting<unknown>>(rule.configuration ?? {});
  const defaults = Object.fromEntries(settings.map(([name, setting]) => [name, setting.default]));
  return { ...defaults, ...set } as Configuration;
}
