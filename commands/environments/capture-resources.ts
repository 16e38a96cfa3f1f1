import * as pulumi from "@pulumi/pulumi";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb.js";

/** Resource as a program registers it with the engine. */
export interface CapturedResource {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  /** Inputs; a secret is wrapped, as the engine receives it. */
  // biome-ignore lint/suspicious/noExplicitAny: inputs, whose shape depends on the type
  readonly inputs: any;
  /** Inputs, with a generated name if they have none. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly outputs: any;
  /** False for a component, which has no provider. */
  readonly custom: boolean;
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly deleteBeforeReplace: boolean;
  readonly ignoreChanges: string[];
  /** Names of the resources that it or its parents wait for. */
  readonly dependsOn: string[];
  /** Names of the hooks that run if its operation fails. */
  readonly errorHooks: string[];
  /** Names of the hooks that run before it is created, also in a preview. */
  readonly beforeCreate: string[];
  readonly parent: string;
  /** Name of its provider; empty for the default provider. */
  readonly provider: string;
}

/** Simulated surroundings of a program. */
export interface Surroundings {
  /** @default `dev` */
  readonly stack?: string;
  /** Whether the program runs in a preview. @default false */
  readonly preview?: boolean;
  /** Outputs of every stack, also of this one. @default none */
  readonly stackOutputs?: Record<string, unknown>;
  /** Results of providers, by function or type. @default the inputs, and the digest */
  // biome-ignore lint/suspicious/noExplicitAny: inputs of any kind, as above
  readonly answers?: Readonly<Record<string, (inputs: any) => object>>;
}

const stackType = "pulumi:pulumi:Stack";

/** Digest of every image, built or looked up. */
export const digest = `sha256:${"d".repeat(64)}`;

/**
 * Runs a program without engine and plugins.
 *
 * @returns the resources that it registers, in their order, and its own result
 */
export async function captureResources<T>(
  program: () => T | Promise<T>,
  { stack = "dev", preview = false, stackOutputs = {}, answers = {} }: Surroundings = {},
): Promise<{ resources: CapturedResource[]; result: T }> {
  const values = new Map<string, Pick<CapturedResource, "inputs" | "outputs">>();
  const requests: RegisterResourceRequest[] = [];
  await pulumi.runtime.setMocks(
    {
      call: ({ token, inputs }) => ({
        ...inputs,
        sha256Digest: digest,
        ...(token === "pulumi:pulumi:readStackOutputs" && { outputs: stackOutputs }),
        ...answers[token]?.(inputs),
      }),
      newResource: ({ type, name, inputs }) => {
        const outputs = type === "pulumi:pulumi:StackReference" ? { outputs: stackOutputs } : withName(inputs, name);
        values.set(`${type} ${name}`, { inputs, outputs });
        return {
          id: `${name}-id`,
          state: { ...inputs, ...outputs, digest, ...answers[type]?.(inputs) },
        };
      },
    },
    "slipway",
    stack,
    preview,
    "organization",
  );
  captureRequests(requests);
  const result = await withShortTraces(async () => {
    let returned: T | undefined;
    // Transforms of all resources need a stack.
    await pulumi.runtime.runInPulumiStack(async () => {
      returned = await program();
    });
    await pulumi.runtime.disconnect();
    return returned as T;
  });
  const registered = requests.filter((request) => request.getType() !== stackType);
  const resources = registered.map((request) => ({
    type: request.getType(),
    name: request.getName(),
    urn: urnOf(request, stack),
    inputs: undefined,
    outputs: undefined,
    ...values.get(`${request.getType()} ${request.getName()}`),
    custom: request.getCustom(),
    protect: request.getProtect() ?? false,
    retainOnDelete: request.getRetainondelete() ?? false,
    deleteBeforeReplace: request.getDeletebeforereplace(),
    ignoreChanges: request.getIgnorechangesList(),
    dependsOn: dependenciesOf(request, requests).map(nameOf),
    errorHooks: request.getHooks()?.getOnErrorList() ?? [],
    beforeCreate: request.getHooks()?.getBeforeCreateList() ?? [],
    parent: request.getParent().includes(`::${stackType}::`) ? "" : nameOf(request.getParent()),
    provider: nameOf(request.getProvider().replace(/::[^:]*$/, "")), // its URN, and its id
  }));
  return { resources, result };
}

/** Shortens stack traces. The SDK records one for every promise, which takes half of the time; one line is enough. */
async function withShortTraces<T>(work: () => Promise<T>): Promise<T> {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 1;
  try {
    return await work();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Generates the name of a Kubernetes object as its provider does, but always the same. */
function withName<T extends { metadata?: { name?: string; annotations?: object } }>(inputs: T, name: string): T {
  const { metadata } = inputs;
  if (!metadata || metadata.name) return inputs;
  const annotations = { ...metadata.annotations, "pulumi.com/autonamed": "true" };
  return { ...inputs, metadata: { ...metadata, annotations, name: `${name}-0a1b2c3d` } };
}

/** Builds the URN as the engine does: https://www.pulumi.com/docs/iac/concepts/resources/names/#urns */
function urnOf(request: RegisterResourceRequest, stack: string): string {
  const outer = request.getParent().split("::")[2] ?? "";
  const within = outer === "" || outer === stackType ? "" : `${outer}$`;
  return `urn:pulumi:${stack}::slipway::${within}${request.getType()}::${request.getName()}`;
}

/** Dependencies of a resource and of its parents, which are registered first. */
function dependenciesOf(request: RegisterResourceRequest, all: RegisterResourceRequest[]): string[] {
  const [, , types = "", name] = request.getParent().split("::");
  const parent = all.find((each) => each.getName() === name && each.getType() === types.split("$").at(-1));
  return [...request.getDependenciesList(), ...(parent ? dependenciesOf(parent, all) : [])];
}

const nameOf = (urn: string): string => urn.split("::").at(-1) ?? urn;

/** Captures the requests, because the mocks do not show resource options. */
function captureRequests(requests: RegisterResourceRequest[]): void {
  interface Monitor {
    registerResource(request: RegisterResourceRequest, callback: unknown): Promise<void>;
    registerErrorHook(request: unknown, callback: (error: null) => void): void;
    registerResourceHook(request: unknown, callback: (error: null) => void): void;
  }
  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) => {
    requests.push(request);
    return register(request, callback);
  };
  // The mocks claim to support hooks, but lack the calls that register them.
  monitor.registerErrorHook = (_, done) => done(null);
  monitor.registerResourceHook = (_, done) => done(null);
}
