import type * as pulumi from "@pulumi/pulumi";
import { type CapturedResource, captureResources } from "../commands/environments/capture-resources.ts";

export { digest } from "../commands/environments/capture-resources.ts";

/** Runs a program without an engine. @returns the resources that it creates, and its result */
export const deploy = <T>(program: () => T, stack = "dev"): Promise<{ resources: CapturedResource[]; result: T }> =>
  captureResources<T>(program, { stack });

/** Finds the resource of a type. @param name needed if there are several @throws Error unless exactly one matches */
export function only(resources: CapturedResource[], type: string, name?: string): CapturedResource {
  const matches = resources.filter((each) => each.type === type && (name === undefined || each.name === name));
  const [resource] = matches;
  if (resource && matches.length === 1) return resource;
  const all = resources.map((each) => `${each.type} ${each.name}`).join(", ");
  throw new Error(`${matches.length} of ${all} are ${type} ${name ?? ""}`);
}

/** Value of an output. @throws the error that prevents it */
export const resolved = <T>(output: pulumi.Output<T>): Promise<T> =>
  (output as unknown as { promise(): Promise<T> }).promise();
