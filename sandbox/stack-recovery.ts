import { copyFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../settings/user-error.ts";
import { attempt, type RunOptions, run } from "./command.ts";
import { kubectl } from "./probes.ts";
import { allGone, type ProcessIdentity, startTimeOf, wallClockOf } from "./process-identity.ts";
import { say } from "./progress.ts";

const patienceSeconds = 600;
/** Name of the project, as in Pulumi.yaml: its stacks' folder. */
const project = "slipway";

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
 * was killed, puts a state back that it was killed writing, removes what it had begun to create and could not record, and forgets that it
 * had begun.
 *
 * @param options how to run `pulumi`; its environment names the state's folder: `PULUMI_BACKEND_URL=file://…`
 * @throws UserError when another engine does not end, the cluster does not answer, or the state and the one before it are both damaged
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
    say("put the last whole state back: the pulumi that was killed had begun to write the next one");
  const state = await run(["pulumi", "stack", "export", "-s", stack], options);
  const pending: PendingOperation[] = JSON.parse(state).deployment?.pending_operations ?? [];
  const orphans = orphansOf(pending);
  if (orphans.length > 0) await remove(orphans);
  if (!areSettled(pending)) return;
  // An import drops what is pending. Otherwise every later `up` would warn of it, and this would remove it once more.
  await run(["pulumi", "stack", "import", "-s", stack], { ...options, input: state });
  say(`forgot what a killed pulumi had not finished (${pending.length}): the next one does it again`);
}

async function remove(orphans: readonly ObjectReference[]): Promise<void> {
  const names = orphans.map(({ kind, metadata }) => `${kind} ${metadata.name}`).join(", ");
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: orphans });
  const { code, stderr } = await kubectl(["delete", "--ignore-not-found", "-f", "-"], list);
  // What is not removed must not be forgotten either: nothing else knows of it.
  if (code !== 0)
    throw new UserError(
      `What a killed pulumi had begun (${names}) could not be removed: ${stderr.trim()}. Once the cluster answers, repeat.`,
    );
  say(`removed what a killed pulumi had begun: ${names}`);
}

/**
 * Puts the last whole state of a stack in the place of one that was cut off. The engine keeps it beside the other, as `.bak`: it lacks at
 * most that the last step has ended, and what it knows to be begun the next `up` looks at again.
 *
 * @param path the stack's file in the state folder; there need not be one
 * @returns whether it was needed
 * @throws UserError when that copy is damaged as well
 */
export function restoreCheckpoint(path: string): boolean {
  if (!existsSync(path) || isWhole(path)) return false;
  if (!isWhole(`${path}.bak`))
    throw new UserError(
      `The state ${path} is cut off, and so is the copy beside it, ${path}.bak: put an earlier one back, the newest whole one under .pulumi/history or .pulumi/backups, with "pulumi stack import".`,
    );
  copyFileSync(`${path}.bak`, path);
  return true;
}

function isWhole(path: string): boolean {
  try {
    return JSON.parse(readFileSync(path, "utf8")).version !== undefined;
  } catch {
    return false;
  }
}

/**
 * Whether nothing is lost where these operations are forgotten, once their orphans are removed: a creation in the cluster is found under
 * its own name by the next `up`, an image under its content key, and what was there before is in the state. Anything else that was being
 * created, in a cloud for one, may exist and be known from here alone; that is for people to look at.
 */
export function areSettled(pending: readonly PendingOperation[]): boolean {
  const findable = /^(kubernetes|docker-build):/;
  return (
    pending.length > 0 && pending.every(({ type, resource }) => type !== "creating" || findable.test(resource.type))
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
  throw new UserError(
    `The pulumi that works on this stack (process ${which}) has not ended in ${patienceSeconds} s: end it and repeat.`,
  );
}

/** What an engine writes about itself into its lock. */
export interface EngineLock {
  readonly pid: number;
  /** When it took the lock. */
  readonly timestamp: string;
}

/** The engine that holds a lock; undefined once it has ended, whoever got its number since. */
export function holderOf({ pid, timestamp }: EngineLock): ProcessIdentity | undefined {
  const started = startTimeOf(pid);
  if (started === undefined) return undefined;
  const process = { pid, started };
  // The kernel says to the second when it booted.
  return wallClockOf(process) > Date.parse(timestamp) + 1000 ? undefined : process;
}

/** The locks on a stack in a state folder, of running engines and of others. */
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
