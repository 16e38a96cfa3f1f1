import assert from "node:assert/strict";
import type { Policies, StackValidationPolicy } from "@pulumi/policy";
import type { Resource as Rendered } from "../../commands/environments/render.ts";

// biome-ignore lint/suspicious/noExplicitAny: inputs of any kind, edited at a place that each test knows
type Anything = any;

/** A resource that a test hands to a rule. */
export interface Judged {
  readonly type: string;
  readonly props: Anything;
  /** Default `it`. */
  readonly name?: string;
  /** Default: at the top of the stack. */
  readonly urn?: string;
  readonly protect?: boolean;
}

type Policy = Policies[number];

/** What a rule says of resources, as the engine would be told. */
export async function violations(
  rule: Policy,
  resources: readonly Judged[],
  configuration: object = {},
): Promise<string[]> {
  const found: string[] = [];
  const all = resources.map(complete);
  const shared = {
    stackTags: new Map<string, string>(),
    getConfig: <T extends object>() => configuration as T,
    notApplicable: (): never => {
      throw new Error("no rule says so");
    },
  };
  if (isStackRule(rule)) {
    const inStack = all.map((each) => ({ ...each, dependencies: [], propertyDependencies: {} }));
    await rule.validateStack({ resources: inStack, ...shared }, (message, urn) => {
      found.push(`${urn?.split("::").at(-1) ?? "the stack"}: ${message}`);
    });
    return found;
  }
  for (const resource of all)
    for (const validate of [rule.validateResource ?? []].flat())
      await validate({ ...resource, ...shared }, (message) => {
        found.push(`${resource.name}: ${message}`);
      });
  return found;
}

const isStackRule = (rule: Policy): rule is StackValidationPolicy => "validateStack" in rule;

function complete({
  type,
  props,
  name = "it",
  urn = `urn:pulumi:dev::slipway::${type}::${name}`,
  protect = false,
}: Judged) {
  const opts = { protect, ignoreChanges: [], aliases: [], additionalSecretOutputs: [] };
  const customTimeouts = { createSeconds: 0, updateSeconds: 0, deleteSeconds: 0 };
  return {
    ...{ type, props, name, urn },
    opts: { ...opts, customTimeouts },
    isType: () => false,
    asType: () => undefined,
  };
}

/** Rendered resources as the engine hands them over, for the caller to change. */
export const judged = (resources: readonly Rendered[]): Judged[] =>
  resources.map(({ urn = "", name, object, options }) => ({
    type: urn.split("::")[2]?.split("$").at(-1) ?? "",
    name,
    urn,
    props: structuredClone(object),
    protect: options.protect === true,
  }));

/** The ids of the rules that have something against resources. */
export async function broken(all: Policies, resources: readonly Judged[]): Promise<string[]> {
  const found = await Promise.all(
    all.map(async (rule) => ((await violations(rule, resources)).length > 0 ? [rule.name] : [])),
  );
  return found.flat();
}

/** What a rule is to let pass, and what it is to say of the rest, by what that is. */
export interface Examples {
  readonly passes: Readonly<Record<string, Judged | readonly Judged[]>>;
  readonly fails: Readonly<Record<string, readonly [Judged | readonly Judged[], RegExp]>>;
  /** What is set of the rule. Default: nothing. */
  readonly configuration?: object;
}

/** A test for each example of a rule. */
export function judges(rule: Policy, { passes, fails, configuration }: Examples): void {
  const said = (resources: Judged | readonly Judged[]) => violations(rule, [resources].flat(), configuration);
  describe(`${rule.name}${configuration ? `, with ${JSON.stringify(configuration)}` : ""}`, () => {
    for (const [what, resources] of Object.entries(passes))
      it(`lets pass ${what}`, async () => assert.deepEqual(await said(resources), []));
    for (const [what, [resources, message]] of Object.entries(fails))
      it(`refuses ${what}`, async () => {
        const found = await said(resources);
        assert.equal(found.length, 1, found.join("\n"));
        assert.match(found[0] ?? "", message);
        assert.match(found[0] ?? "", /\nRemedy: \S/);
      });
  });
}

/** A Deployment of one container. */
export const deployment = (container: object, pod: object = {}): Judged => ({
  type: "kubernetes:apps/v1:Deployment",
  props: { spec: { template: { spec: { ...pod, containers: [{ name: "web", ...container }] } } } },
});

/** An object of Kubernetes. */
export const object = (type: string, props: object, more: Partial<Judged> = {}): Judged => ({
  type: `kubernetes:${type}`,
  props,
  ...more,
});
