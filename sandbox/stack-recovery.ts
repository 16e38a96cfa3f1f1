import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { attempt, type RunOptions, run } from "./command.ts";
import { places } from "./places.ts";
import { kubectl } from "./probes.ts";
import { allGone, identify, type ProcessIdentity, startTimeOf } from "./process-identity.ts";
import { Failure, say } from "./progress.ts";

const patienceSeconds = 600;

/** An operation that an engine had begun and not finished when it was killed: an entry of `pulumi stack export`. */
export interface PendingOperation {
  readonly type: string;
  readonly resource: { readonly type: string; readonly inputs?: unknown };
}

/** An object of the cluster, as far as it takes to delete it. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/**
 * Makes a stack fit for the next `pulumi up`, whatever happened to the last: waits for one that still runs, releases the lock of one that
 * was killed, and removes what that one had begun to create and could not record.
 * @throws Failure when another engine does not end
 */
export async function recoverStack(stack: string, options: RunOptions): Promise<void> {
  const holders = lockHolders(stack);
  const engines = holders.filter((pid) => startTimeOf(pid) !== undefined).map(identify);
  if (engines.length > 0) await waitForEngines(engines);
  if (holders.length > 0 && lockHolders(stack).length > 0) {
    await attempt(["pulumi", "cancel", "--yes", "-s", stack], options);
    say("released the lock of a pulumi that was killed");
  }
  const state = JSON.parse(await run(["pulumi", "stack", "export", "-s", stack], options));
  const orphans = orphansOf(state.deployment?.pending_operations ?? []);
  if (orphans.length === 0) return;
  await kubectl(
    ["delete", "--ignore-not-found", "-f", "-"],
    JSON.stringify({ apiVersion: "v1", kind: "List", items: orphans }),
  );
  say(
    `removed what a killed pulumi had begun: ${orphans.map((each) => `${each.kind} ${each.metadata.name}`).join(", ")}`,
  );
}

/**
 * Objects that may exist though the stack does not know them. Those with a name of their own are not among them: the next `up` finds
 * them under it. Those with a made-up name would be created a second time, beside the first.
 */
export function orphansOf(pending: readonly PendingOperation[]): ObjectReference[] {
  return pending
    .filter((operation) => operation.type === "creating" && operation.resource.type.startsWith("kubernetes:"))
    .map(
      (operation) =>
        operation.resource.inputs as ObjectReference & { metadata?: { annotations?: Record<string, string> } },
    )
    .filter((inputs) => inputs?.metadata?.name && inputs.metadata.annotations?.["pulumi.com/autonamed"] === "true")
    .map(({ apiVersion, kind, metadata: { name, namespace } }) => ({
      apiVersion,
      kind,
      metadata: { name, namespace },
    }));
}

async function waitForEngines(engines: readonly ProcessIdentity[]): Promise<void> {
  const which = engines.map((each) => each.pid).join(", ");
  say(`waiting for the pulumi that works on this stack already (process ${which})`);
  if (await allGone(engines, patienceSeconds)) return;
  throw new Failure(
    `The pulumi that works on this stack (process ${which}) has not ended in ${patienceSeconds} s: end it and repeat.`,
  );
}

/** Numbers of the processes that hold locks on a stack in the local state, running or not. */
function lockHolders(stack: string): number[] {
  const locks = join(places.pulumiState, ".pulumi", "locks");
  const files = existsSync(locks) ? readdirSync(locks, { recursive: true, encoding: "utf8" }) : [];
  const ours = files.filter((name) => name.endsWith(".json") && name.split("/").includes(stack));
  return ours.flatMap((name) => {
    try {
      return [JSON.parse(readFileSync(join(locks, name), "utf8")).pid as number];
    } catch {
      return []; // Released meanwhile.
    }
  });
}
