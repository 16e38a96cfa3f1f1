import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "../../sandbox/eventually.ts";
import type { Project } from "./project.ts";

const kinds = "all,configmaps,secrets,serviceaccounts,persistentvolumeclaims,networkpolicies,poddisruptionbudgets";

/** Asserts that some work changes no object of an environment's namespace and no byte of its state. @returns what the work returns */
export async function assertUntouched<T>(environment: Project, work: () => Promise<T>): Promise<T> {
  const before = await settled(environment);
  const result = await work();
  assert.deepEqual(await versions(environment), before);
  return result;
}

/** Waits until the last update has come to rest: the pods that it replaced need a while to stop. */
const settled = (environment: Project): Promise<string[]> =>
  eventually(async () => {
    const first = await versions(environment);
    await sleep(300);
    await environment.noneStopping();
    assert.deepEqual(await versions(environment), first);
    return first;
  });

async function versions(environment: Project): Promise<string[]> {
  const columns = "custom-columns=KIND:.kind,NAME:.metadata.name,UID:.metadata.uid,VERSION:.metadata.resourceVersion";
  const objects = await environment.kubectl("get", kinds, "--no-headers", "--output", columns);
  return [...objects.split("\n"), readFileSync(environment.stateFile(), "utf8")];
}
