import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { eventually } from "../../sandbox/eventually.ts";
import type { Project } from "./project.ts";

const kinds = "all,configmaps,secrets,serviceaccounts,persistentvolumeclaims,networkpolicies,poddisruptionbudgets";

/**
 * Makes sure that some work changes nothing in an environment: no object of its namespace, by their versions, and not a
 * byte of its state.
 *
 * @returns what the work returns
 */
export async function leavesAlone<T>(environment: Project, work: () => Promise<T>): Promise<T> {
  const before = await settled(environment);
  const result = await work();
  assert.deepEqual(await look(environment), before);
  return result;
}

/** How it is once the last update has come to rest: its old pods take a while to go. */
const settled = (environment: Project): Promise<string[]> =>
  eventually(async () => {
    const first = await look(environment);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await environment.noneStopping();
    assert.deepEqual(await look(environment), first);
    return first;
  });

async function look(environment: Project): Promise<string[]> {
  const columns = "custom-columns=KIND:.kind,NAME:.metadata.name,UID:.metadata.uid,VERSION:.metadata.resourceVersion";
  const objects = await environment.kubectl("get", kinds, "--no-headers", "--output", columns);
  const state = environment.path("state", ".pulumi", "stacks", "slipway", `${environment.stack}.json`);
  return [...objects.split("\n"), readFileSync(state, "utf8")];
}
