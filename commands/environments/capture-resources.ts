import * as pulumi from "@pulumi/pulumi";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb.js";

/** One resource as the engine is asked for it. */
export interface CapturedResource {
  readonly type: string;
  readonly name: string;
  /** Address in the stack, which has the types of the components around it. */
  readonly urn: string;
  /** Inputs; a secret one as the engine is sent it, in a wrapper with the plain `value`. */
  // biome-ignore lint/suspicious/noExplicitAny: inputs of any kind, whose shape only the resource's type tells
  readonly inputs: any;
  /** What a provider would have made of them: the inputs, with a name where they leave it to the provider. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly outputs: any;
  /** False for a component, which no provider ever sees. */
  readonly custom: boolean;
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly deleteBeforeReplace: boolean;
  readonly ignoreChanges: string[];
  /** Names of the resources that it waits for, or a component around it does. */
  readonly dependsOn: string[];
  /** Names of the hooks that are called where its operation fails. */
  readonly errorHooks: string[];
  /** Names of the hooks that are called before it is created, in a preview too. */
  readonly beforeCreate: string[];
  readonly parent: string;
  /** Name of the provider that it is made by; empty for the one that nobody named. */
  readonly provider: string;
}

/** The world around a program that has none. */
export interface Surroundings {
  /** Name of the stack. Default `dev`. */
  readonly stack?: string;
  /** Whether the engine only asks what would be done. Default: no, as in an update. */
  readonly preview?: boolean;
  /** What the outputs of any stack are, this one included. Default: none. */
  readonly stackOutputs?: Record<string, unknown>;
  /** What a provider makes up, by the token of a function or a type. Default: what it was given, and the digest. */
  // biome-ignore lint/suspicious/noExplicitAny: inputs of any kind, as above
  readonly answers?: Readonly<Record<string, (inputs: any) => object>>;
}

const stackType = "pulumi:pulumi:Stack";

/** The digest of every image here, built or looked up. */
export const digest = `sha256:${"d".repeat(64)}`;

/**
 * Runs a program without an engine, a plugin or anything to connect to.
 *
 * @returns every resource that it asks for, in its order, and what it returned itself
 * @throws what the program throws
 */
export async function captureResources<T>(
  program: () => T | Promise<T>,
  { stack = "dev", preview = false, stackOutputs = {}, answers = {} }: Surroundings = {},
): Promise<{ resources: CapturedResource[]; result: T }> {
  const seen = new Map<string, Pick<CapturedResource, "inputs" | "outputs">>();
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
        const outputs = type === "pulumi:pulumi:StackReference" ? { outputs: stackOutputs } : named(inputs, name);
        seen.set(`${type} ${name}`, { inputs, outputs });
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
  keepRequests(requests);
  const result = await withShortTraces(async () => {
    let returned: T | undefined;
    // As the SDK runs a program: what applies to all resources of a stack needs one.
    await pulumi.runtime.runInPulumiStack(async () => {
      returned = await program();
    });
    await pulumi.runtime.disconnect();
    return returned as T;
  });
  const made = requests.filter((request) => request.getType() !== stackType);
  const resources = made.map((request) => ({
    type: request.getType(),
    name: request.getName(),
    urn: urnOf(request, stack),
    inputs: undefined,
    outputs: undefined,
    ...seen.get(`${request.getType()} ${request.getName()}`),
    custom: request.getCustom(),
    protect: request.getProtect() ?? false,
    retainOnDelete: request.getRetainondelete() ?? false,
    deleteBeforeReplace: request.getDeletebeforereplace(),
    ignoreChanges: request.getIgnorechangesList(),
    dependsOn: waitsFor(request, requests).map(nameOf),
    errorHooks: request.getHooks()?.getOnErrorList() ?? [],
    beforeCreate: request.getHooks()?.getBeforeCreateList() ?? [],
    parent: request.getParent().includes(`::${stackType}::`) ? "" : nameOf(request.getParent()),
    provider: nameOf(request.getProvider().replace(/::[^:]*$/, "")), // its URN, and its id
  }));
  return { resources, result };
}

/**
 * The SDK keeps a stack trace of every promise that it makes, which takes as long as all the rest of a rendering. One line is
 * enough to say where the program's own error comes from.
 */
async function withShortTraces<T>(work: () => Promise<T>): Promise<T> {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 1;
  try {
    return await work();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Names a Kubernetes object as its provider does, but with digits that never change. */
function named<T extends { metadata?: { name?: string; annotations?: object } }>(inputs: T, name: string): T {
  const { metadata } = inputs;
  if (!metadata || metadata.name) return inputs;
  const annotations = { ...metadata.annotations, "pulumi.com/autonamed": "true" };
  return { ...inputs, metadata: { ...metadata, annotations, name: `${name}-0a1b2c3d` } };
}

/** As the engine makes it: https://www.pulumi.com/docs/iac/concepts/resources/names/#urns */
function urnOf(request: RegisterResourceRequest, stack: string): string {
  const outer = request.getParent().split("::")[2] ?? "";
  const within = outer === "" || outer === stackType ? "" : `${outer}$`;
  return `urn:pulumi:${stack}::slipway::${within}${request.getType()}::${request.getName()}`;
}

/** A resource is asked for once there is what it is part of, which waits for its own dependencies. */
function waitsFor(request: RegisterResourceRequest, all: RegisterResourceRequest[]): string[] {
  const [, , types = "", name] = request.getParent().split("::");
  const parent = all.find((each) => each.getName() === name && each.getType() === types.split("$").at(-1));
  return [...request.getDependenciesList(), ...(parent ? waitsFor(parent, all) : [])];
}

const nameOf = (urn: string): string => urn.split("::").at(-1) ?? urn;

/** The mocks show a resource's inputs but not its options; those stand in the request itself. */
function keepRequests(requests: RegisterResourceRequest[]): void {
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
  // The mocks say that they know hooks, but lack the call with which a program announces one.
  monitor.registerErrorHook = (_, done) => done(null);
  monitor.registerResourceHook = (_, done) => done(null);
}
