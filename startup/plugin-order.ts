import { setImmediate } from "node:timers/promises";
import type * as pulumi from "@pulumi/pulumi";

/**
 * Creates two resources so that the engine starts the first one's plugin first. The engine starts plugins in the order in
 * which it receives their resources, and it receives them when the program waits. The plugin with more work goes first,
 * and works while the program continues.
 */
export async function inPluginOrder<A extends pulumi.ComponentResource, B extends pulumi.Resource>(
  createFirst: () => A,
  createSecond: () => B,
): Promise<[A, B]> {
  const first = createFirst();
  await new Promise((resolve) => first.urn.apply(resolve));
  await setImmediate();
  const second = createSecond();
  await setImmediate();
  return [first, second];
}
