import { copyFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../settings/user-error.ts";
import { attempt, type RunOptions, run } from "./command.ts";
import { kubectl } from "./probes.ts";
import { allGone, type ProcessIdentity, startTimeOf, wallClockOf } from "./process-identity.ts";
import { say } from "./progress.ts";

const waitSeconds = 600;
/** Project in Pulumi.yaml, the folder of its stacks. */
const project = "slipway";

/** Operation that a killed engine had begun: an entry of `pulumi stack export`. */
export interface PendingOperation {
  readonly type: string;
  readonly resource: { readonly type: string; readonly inputs?: unknown };
}

/** Identity of an object of the cluster. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/**
 * Makes a stack fit for the next `pulumi up`. Waits for an engine that still runs. After a killed one, releases its lock, restores a
 * truncated state, deletes objects that the state does not know, and drops its pending operations.
 *
 * @param options options for `pulumi`; the environment names the state's folder: `PULUMI_BACKEND_URL=file://…`
 * @throws UserError if another engine does not end, the cluster does not answer, or the state and its backup are both damaged
 */
export async function recoverStack(stack: string, options: RunOptions): Promise<void> {
  const folder = join((options.env?.PULUMI_BACKEND_URL ?? "").replace(/^file:\/\//, ""), ".pulumi");
  const locks = locksOn(stack, folder);
  const engines = locks.flatMap((lock) => holderOf(lock) ?? []);
  if (engines.length > 0) await waitForEngines(engines);
  if (locks.length > 0 && locksOn(stack, folder).length > 0) {
    await attempt(["pulumi", "cancel", "--yes", "-s", stack], options);
    say("released the lock of a pulumi that was killed");
  }
  if (restoreCheckpoint(join(folder, "stacks", project, `${stack}.json`)))
    say("restored the last complete state: a killed pulumi had truncated the next one");
  const state = await run(["pulumi", "stack", "export", "-s", stack], options);
  const pending: PendingOperation[] = JSON.parse(state).deployment?.pending_operations ?? [];
  const orphans = orphansOf(pending);
  if (orphans.length > 0) await remove(orphans);
  if (!areSettled(pending)) return;
  // An import drops pending operations, of which every later `up` would warn.
  await run(["pulumi", "stack", "import", "-s", stack], { ...options, input: state });
  say(`dropped ${pending.length} pending operations of a killed pulumi: the next one repeats them`);
}

async function remove(orphans: readonly ObjectReference[]): Promise<void> {
  const names = orphans.map(({ kind, metadata }) => `${kind} ${metadata.name}`).join(", ");
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: orphans });
  const { code, stderr } = await kubectl(["delete", "--ignore-not-found", "-f", "-"], list);
  // Only the pending operations know these objects, so keep those until the objects are deleted.
  if (code !== 0)
    throw new UserError(
      `Objects of a killed pulumi (${names}) could not be deleted: ${stderr.trim()}. Repeat when the cluster answers.`,
    );
  say(`deleted objects of a killed pulumi: ${names}`);
}

/**
 * Replaces a truncated state by the engine's backup (`.bak`), which lacks at most the end of the last step.
 *
 * @param path file of the stack in the state folder, which may be absent
 * @returns true if the state was replaced
 * @throws UserError if the backup is damaged too
 */
export function restoreCheckpoint(path: string): boolean {
  if (!existsSync(path) || isComplete(path)) return false;
  if (!isComplete(`${path}.bak`))
    throw new UserError(
      `The state ${path} is truncated, and so is its backup, ${path}.bak: restore the newest complete one under .pulumi/history or .pulumi/backups with "pulumi stack import".`,
    );
  copyFileSync(`${path}.bak`, path);
  return true;
}

function isComplete(path: string): boolean {
  try {
    return JSON.parse(readFileSync(path, "utf8")).version !== undefined;
  } catch {
    return false;
  }
}

/**
 * Tells if nothing is lost when these operations are dropped after their orphans are deleted. The next `up` finds objects of the
 * cluster by name and images by content key. Anything else, such as a resource in a cloud, may exist and be known only from here.
 */
export function areSettled(pending: readonly PendingOperation[]): boolean {
  const findable = /^(kubernetes|docker-build):/;
  return (
    pending.length > 0 && pending.every(({ type, resource }) => type !== "creating" || findable.test(resource.type))
  );
}

/** Objects with generated names that may exist without the stack's knowledge: the next `up` would create them a second time. */
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
  if (await allGone(engines, waitSeconds)) return;
  throw new UserError(
    `The pulumi that works on this stack (process ${which}) has not ended in ${waitSeconds} s: end it and repeat.`,
  );
}

/** Contents of an engine's lock. */
export interface EngineLock {
  readonly pid: number;
  /** Time when the engine took the lock. */
  readonly timestamp: string;
}

/** Engine that holds a lock; undefined if it has ended, even if another process has its pid now. */
export function holderOf({ pid, timestamp }: EngineLock): ProcessIdentity | undefined {
  const started = startTimeOf(pid);
  if (started === undefined) return undefined;
  const process = { pid, started };
  // The kernel knows its boot time to the second.
  return wallClockOf(process) > Date.parse(timestamp) + 1000 ? undefined : process;
}

/** Locks on a stack in a state folder, of running and of killed engines. */
function locksOn(stack: string, folder: string): EngineLock[] {
  const locks = join(folder, "locks");
  const files = existsSync(locks) ? readdirSync(locks, { recursive: true, encoding: "utf8" }) : [];
  const ours = files.filter((name) => name.endsWith(".json") && name.split("/").includes(stack));
  return ours.flatMap((name) => {
    try {
      return [JSON.parse(readFileSync(join(locks, name), "utf8")) as EngineLock];
    } catch {
      return []; // Released meanwhile.
    }
  });
}
