import type {
  EnforcementLevel,
  PolicyConfigSchema,
  ResourceValidationPolicy,
  StackValidationPolicy,
} from "@pulumi/policy";
import { known } from "./unknown-values.ts";

/** Inputs of any kind of resource, whose shape only its type tells; `unknown` of known.ts where the update alone knows. */
// biome-ignore lint/suspicious/noExplicitAny: as above
export type Props = any;

/** A resource as the engine is asked for it, or as it is there. */
export interface Resource {
  /** Its type, as in `kubernetes:apps/v1:Deployment`. */
  readonly type: string;
  /** Its name in the program. */
  readonly name: string;
  readonly urn: string;
  readonly props: Props;
  /** Whether Pulumi refuses to delete it. */
  readonly protect: boolean;
}

/** What is asked for, in the words that a violation shows. */
export interface Rule<Configuration extends object = object> {
  /** Name of the rule, as in `image-by-digest`. */
  readonly id: string;
  /** `mandatory`: a preview fails; `advisory`: it is a remark. */
  readonly level: Extract<EnforcementLevel, "mandatory" | "advisory">;
  /** Why. */
  readonly reason: string;
  /** What to do. */
  readonly remedy: string;
  /** What can be set of it, with the values that it has by itself. Default: nothing. */
  readonly configuration?: { readonly [Name in keyof Configuration]: Setting<Configuration[Name]> };
}

/** One value that can be set, with a sentence on it. */
export interface Setting<Value> {
  readonly type: "array" | "integer" | "boolean";
  readonly description: string;
  readonly default: Value;
}

/** What is wrong with a resource, one sentence each. */
type Findings = readonly string[];
/** What is wrong with a stack, and with which resource of it. Default: with none in particular. */
export type StackFindings = readonly { readonly finding: string; readonly urn?: string }[];

/** A rule that looks at one resource at a time. */
export const resourceRule = <Configuration extends object>(
  rule: Rule<Configuration>,
  check: (resource: Resource, configuration: Configuration) => Findings,
): ResourceValidationPolicy => ({
  ...described(rule),
  validateResource: ({ type, name, urn, props, opts, getConfig }, report) => {
    const resource = { type, name, urn, props: known(props), protect: opts.protect };
    const findings = check(resource, configured(rule, getConfig()));
    if (findings.length > 0) report(told(findings, rule));
  },
});

/** A rule that looks at all resources at once. */
export const stackRule = <Configuration extends object>(
  rule: Rule<Configuration>,
  check: (resources: readonly Omit<Resource, "props">[], configuration: Configuration) => StackFindings,
): StackValidationPolicy => ({
  ...described(rule),
  validateStack: ({ resources, getConfig }, report) => {
    const all = resources.map(({ type, name, urn, opts }) => ({ type, name, urn, protect: opts.protect }));
    for (const { finding, urn } of check(all, configured(rule, getConfig()))) report(told([finding], rule), urn);
  },
});

/** What a violation says below its reason. */
const told = (findings: Findings, { remedy }: Pick<Rule, "remedy">): string =>
  [...findings, `Remedy: ${remedy}`].join("\n");

function described<Configuration extends object>({ id, level, reason, remedy, configuration }: Rule<Configuration>) {
  const configSchema = configuration && ({ properties: schemaOf(configuration) } satisfies PolicyConfigSchema);
  return { name: id, description: reason, remediationSteps: remedy, enforcementLevel: level, configSchema };
}

const schemaOf = (settings: object): PolicyConfigSchema["properties"] =>
  Object.fromEntries(
    Object.entries(settings).map(([name, setting]) => [
      name,
      { ...setting, ...(setting.type === "array" && { items: { type: "string" } }) },
    ]),
  );

/** What was set, and the defaults of the rest. */
function configured<Configuration extends object>(
  { configuration = {} as Required<Rule<Configuration>>["configuration"] }: Rule<Configuration>,
  set: Partial<Configuration>,
): Configuration {
  const settings = Object.entries<Setting<unknown>>(configuration);
  return {
    ...(Object.fromEntries(settings.map(([name, setting]) => [name, setting.default])) as Configuration),
    ...set,
  };
}
