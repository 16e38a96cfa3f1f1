import * as pulumi from "@pulumi/pulumi";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb.js";

/** One resource as the engine is asked for it. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  /** Inputs; secrets as plain values. */
  // biome-ignore lint/suspicious/noExplicitAny: inputs of any kind, looked at by tests alone
  readonly inputs: any;
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  /** Names of the resources that it waits for. */
  readonly dependsOn: string[];
  readonly parent: string;
}

/** The digest that every built image has here. */
export const digest = `sha256:${"d".repeat(64)}`;

/** Runs a program without an engine; returns every resource that it asks for and what it returned itself. */
export async function deploy<T>(program: () => T, stack = "dev"): Promise<{ resources: Registered[]; result: T }> {
  const inputs = new Map<string, unknown>();
  const requests: RegisterResourceRequest[] = [];
  await pulumi.runtime.setMocks(
    {
      call: (args) => args.inputs,
      newResource: (args) => {
        inputs.set(`${args.type} ${args.name}`, args.inputs);
        const { metadata } = args.inputs;
        const named = metadata && { metadata: { ...metadata, name: metadata.name ?? `${args.name}-0a1b2c3d` } };
        return { id: `${args.name}-id`, state: { ...args.inputs, ...named, digest } };
      },
    },
    "slipway",
    stack,
  );
  recordRequests(requests);
  const result = program();
  await pulumi.runtime.disconnect();
  const resources = requests.map((request) => ({
    type: request.getType(),
    name: request.getName(),
    inputs: inputs.get(`${request.getType()} ${request.getName()}`),
    protect: request.getProtect() ?? false,
    retainOnDelete: request.getRetainondelete() ?? false,
    dependsOn: request.getDependenciesList().map(nameOf),
    parent: nameOf(request.getParent()),
  }));
  return { resources, result };
}

/** The one resource of a type, by name where there are several. */
export function only(resources: Registered[], type: string, name?: string): Registered {
  const found = resources.filter(
    (resource) => resource.type === type && (name === undefined || resource.name === name),
  );
  const [resource] = found;
  if (!resource || found.length > 1) {
    throw new Error(
      `${found.length} of ${resources.map((one) => `${one.type} ${one.name}`).join(", ")} are ${type} ${name ?? ""}`,
    );
  }
  return resource;
}

/** The value of an output. */
export const resolved = <T>(output: pulumi.Output<T>): Promise<T> =>
  new Promise((resolve) => {
    output.apply(resolve);
  });

const nameOf = (urn: string): string => urn.split("::").at(-1) ?? urn;

/** The mocks show a resource's inputs but not its options; those stand in the request itself. */
function recordRequests(requests: RegisterResourceRequest[]): void {
  interface Monitor {
    registerResource(request: RegisterResourceRequest, callback: unknown): Promise<void>;
  }
  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) => {
    requests.push(request);
    return register(request, callback);
  };
}
