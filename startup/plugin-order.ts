import { setImmediate } from "node:timers/promises";
import type * as pulumi from "@pulumi/pulumi";

/**
 * Creates two resources such that the engine starts the first one's plugin before the second one's. Plugins start in the order in which
 * the engine hears of their resources, which is when the program next waits. The one that has most to do goes first, and works while the
 * rest of the program runs.
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
