import assert from "node:assert/strict";
import type { Policies, StackValidationPolicy } from "@pulumi/policy";
import type { Resource as Rendered } from "../../commands/environments/render.ts";

// biome-ignore lint/suspicious/noExplicitAny: inputs of any kind
type Anything = any;

/** Resource that a test checks. */
export interface TestResource {
  readonly type: string;
  readonly props: Anything;
  /** @default `it` */
  readonly name?: string;
  /** @default a resource without parent */
  readonly urn?: string;
  readonly protect?: boolean;
}

type Policy = Policies[number];

/** Runs a rule. @returns the violations that it reports to the engine */
export async function violations(
  rule: Policy,
  resources: readonly TestResource[],
  configuration: object = {},
): Promise<string[]> {
  const messages: string[] = [];
  const all = resources.map(complete);
  const shared = {
    stackTags: new Map<string, string>(),
    getConfig: <T extends object>() => configuration as T,
    notApplicable: (): never => {
      throw new Error("no rule calls this");
    },
  };
  if (isStackRule(rule)) {
    const inStack = all.map((each) => ({ ...each, dependencies: [], propertyDependencies: {} }));
    await rule.validateStack({ resources: inStack, ...shared }, (message, urn) => {
      messages.push(`${urn?.split("::").at(-1) ?? "the stack"}: ${message}`);
    });
    return messages;
  }
  for (const resource of all)
    for (const validate of [rule.validateResource ?? []].flat())
      await validate({ ...resource, ...shared }, (message) => {
        messages.push(`${resource.name}: ${message}`);
      });
  return messages;
}

const isStackRule = (rule: Policy): rule is StackValidationPolicy => "validateStack" in rule;

function complete({
  type,
  props,
  name = "it",
  urn = `urn:pulumi:dev::slipway::${type}::${name}`,
  protect = false,
}: TestResource) {
  const opts = { protect, ignoreChanges: [], aliases: [], additionalSecretOutputs: [] };
  const customTimeouts = { createSeconds: 0, updateSeconds: 0, deleteSeconds: 0 };
  return {
    type,
    props,
    name,
    urn,
    opts: { ...opts, customTimeouts },
    isType: () => false,
    asType: () => undefined,
  };
}

/** Converts rendered resources to those that the engine passes to rules; callers may change them. */
export const toTestResources = (resources: readonly Rendered[]): TestResource[] =>
  resources.map(({ urn = "", name, object, options }) => ({
    type: urn.split("::")[2]?.split("$").at(-1) ?? "",
    name,
    urn,
    props: structuredClone(object),
    protect: options.protect === true,
  }));

/** Ids of the rules that resources violate. */
export async function violatedRules(all: Policies, resources: readonly TestResource[]): Promise<string[]> {
  const messages = await Promise.all(all.map((rule) => violations(rule, resources)));
  return all.map(({ name }) => name).filter((_, index) => messages[index]?.length);
}

/** Resources that a rule accepts, and resources that it refuses with a message; by description. */
export interface Examples {
  readonly accepts: Readonly<Record<string, TestResource | readonly TestResource[]>>;
  readonly refuses: Readonly<Record<string, readonly [TestResource | readonly TestResource[], RegExp]>>;
  /** @default none */
  readonly configuration?: object;
}

/** Tests a rule by examples. */
export function describeRule(rule: Policy, { accepts, refuses, configuration }: Examples): void {
  const check = (resources: TestResource | readonly TestResource[]) =>
    violations(rule, [resources].flat(), configuration);
  describe(`${rule.name}${configuration ? `, with ${JSON.stringify(configuration)}` : ""}`, () => {
    for (const [what, resources] of Object.entries(accepts))
      it(`accepts ${what}`, async () => assert.deepEqual(await check(resources), []));
    for (const [what, [resources, message]] of Object.entries(refuses))
      it(`refuses ${what}`, async () => {
        const messages = await check(resources);
        assert.equal(messages.length, 1, messages.join("\n"));
        assert.match(messages.join(), message);
        assert.match(messages.join(), /\nRemedy: \S/);
      });
  });
}

/** Deployment of one container. */
export const deployment = (container: object, pod: object = {}): TestResource => ({
  type: "kubernetes:apps/v1:Deployment",
  props: { spec: { template: { spec: { ...pod, containers: [{ name: "web", ...container }] } } } },
});

/** Kubernetes object. */
export const object = (type: string, props: object, more: Partial<TestResource> = {}): TestResource => ({
  type: `kubernetes:${type}`,
  props,
  ...more,
});
