import { setTimeout as pause } from "node:timers/promises";
import { type Cluster, UnknownKindError } from "./cluster.ts";
import { type Connection, unreachable } from "./connection.ts";
import { RefusedError, UnreachableError } from "./exchange.ts";
import { annotation, at, type KubernetesObject } from "./object.ts";

type Applying = { urn: string };

const conflictHelp =
  "https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/#handle-field-conflicts-on-existing-resources";

/** How an object is applied: under which name, and whether fields of other managers are taken over. */
export function applyOptions(
  object: KubernetesObject,
  manager: string,
  connection: Connection,
): { manager: string; force: boolean } {
  const asked = annotation(object, "pulumi.com/patchForce");
  return { manager, force: asked === "true" || (asked === undefined && connection.settings.patchForce) };
}

/**
 * Asks the server, by a dry run, what an object to be created would become.
 * @returns undefined when the server cannot know yet: the namespace or the kind is made in the same update, or the user may
 *   not make dry runs
 * @throws what the server would refuse the object for
 */
export async function foresee(
  object: KubernetesObject,
  manager: string,
  applying: Applying,
  connection: Connection,
): Promise<KubernetesObject | undefined> {
  const cluster = await connection.cluster();
  const options = { ...applyOptions(object, manager, connection), dryRun: true };
  try {
    return await reach(() => cluster.apply(object, options));
  } catch (error) {
    if (error instanceof UnknownKindError || isNamespaceMissing(error) || lacksPermission(error)) return undefined;
    if (!isMetByOwnPredecessor(error)) throw refusedCreation(error, manager, applying);
  }
  // The old object of that name is still there and goes before this one is made; the server judges it under another name.
  const name = `${object.metadata.name}-preview`;
  const renamed = { ...object, metadata: { ...object.metadata, name } };
  try {
    const foreseen = await reach(() => cluster.apply(renamed, options));
    return { ...foreseen, metadata: { ...foreseen.metadata, name: object.metadata.name } };
  } catch (error) {
    throw refusedCreation(error, manager, applying);
  }
}

/** Applies a new object; a namespace or a kind that is only just being made gets half a minute to appear. */
export async function applyWithRetry(
  object: KubernetesObject,
  manager: string,
  cluster: Cluster,
  applying: Applying,
  connection: Connection,
): Promise<KubernetesObject> {
  const options = { ...applyOptions(object, manager, connection), dryRun: false };
  for (let waitMs = 500; ; waitMs *= 2) {
    try {
      return await reach(() => cluster.apply(object, options));
    } catch (error) {
      const mayAppear = error instanceof UnknownKindError || isNamespaceMissing(error);
      if (!mayAppear || waitMs > 16_000 || connection.cancelled.aborted)
        throw refusedCreation(error, manager, applying);
      connection.engine.status(applying.urn, `Retrying; creation failed: ${(error as Error).message}`);
      await pause(waitMs);
    }
  }
}

/** Runs a request and says of a failure to connect that the cluster could not be reached. */
export async function reach<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    throw error instanceof UnreachableError ? unreachable(error) : error;
  }
}

/** The server's own words; a conflict of field managers with what to do about it. */
export function explainRefusal(error: unknown, manager: string): string {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof RefusedError) || error.status !== 409) return message;
  return (
    `Server-Side Apply field conflict detected. See ${conflictHelp} for troubleshooting help.\n` +
    `The resource managed by field manager "${manager}" had an apply conflict: ${message}`
  );
}

/** Whether the server refused a change because the field can never change. */
export function isImmutableRefusal(error: RefusedError): boolean {
  return error.status === 422 && /is immutable|may not be changed|Forbidden: updates to/.test(error.message);
}

/** Whether the user lacks a permission, in contrast to an admission rule that refuses the object. */
export function lacksPermission(error: unknown): boolean {
  return error instanceof RefusedError && error.status === 403 && / cannot \w+ resource /.test(error.message);
}

/** Sends the live value of each property whose changes are ignored, so that applying the rest does not take it back. */
export function keepIgnored(object: KubernetesObject, live: KubernetesObject, ignored: string[]): KubernetesObject {
  const result = structuredClone(object);
  for (const path of ignored) {
    const keys = path.split(".");
    const value = at(live, ...keys);
    const parent = at(result, ...keys.slice(0, -1)) as { [key: string]: unknown } | undefined;
    const last = keys.at(-1);
    if (value !== undefined && parent && last) parent[last] = value;
  }
  return result;
}

/** Whether what stands in the way of a new object can be the very object that it is to replace. */
function isMetByOwnPredecessor(error: unknown): boolean {
  if (!(error instanceof RefusedError)) return false;
  const isOurs =
    error.status === 409 && /conflicts?: conflicts? with "pulumi-kubernetes-[0-9a-f]{8}"/.test(error.message);
  return isOurs || isImmutableRefusal(error);
}

function isNamespaceMissing(error: unknown): boolean {
  return error instanceof RefusedError && error.status === 404 && /^namespaces? .*not found/.test(error.message);
}

function refusedCreation(error: unknown, manager: string, { urn }: Applying): Error {
  if (error instanceof UnreachableError) return error;
  if (error instanceof UnknownKindError) {
    return new Error(
      `creation of resource "${urn}" failed: ${error.message}. Verify that any required CRDs have been created`,
    );
  }
  return new Error(
    `resource "${urn}" was not successfully created by the Kubernetes API server: ${explainRefusal(error, manager)}`,
  );
}
