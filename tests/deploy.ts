import type * as pulumi from "@pulumi/pulumi";
import { type CapturedResource, captureResources } from "../commands/environments/capture-resources.ts";

export { digest } from "../commands/environments/capture-resources.ts";

/** Runs a program without an engine; returns every resource that it asks for and what it returned itself. */
export const deploy = <T>(program: () => T, stack = "dev"): Promise<{ resources: CapturedResource[]; result: T }> =>
  captureResources<T>(program, { stack });

/** The one resource of a type, by name where there are several. */
export function only(resources: CapturedResource[], type: string, name?: string): CapturedResource {
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

/** The value of an output. @throws what kept it from having one */
export const resolved = <T>(output: pulumi.Output<T>): Promise<T> =>
  (output as unknown as { promise(): Promise<T> }).promise();
