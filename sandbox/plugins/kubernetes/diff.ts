import type { Properties } from "../properties.ts";
import { containsUnknown, plain } from "../properties.ts";
import { applyOptions, isImmutableRefusal } from "./applying.ts";
import { isAutonamed } from "./autoname.ts";
import { readCheckpoint } from "./checkpoint.ts";
import type { Connection } from "./connection.ts";
import { type Changes, difference, isWithin, prune } from "./difference.ts";
import { RefusedError } from "./exchange.ts";
import { mayBeReplacedForRefusal, replacingPaths } from "./immutable.ts";
import { isNamespaced } from "./inputs.ts";
import { normalize } from "./normalize.ts";
import { asObject, type KubernetesObject, kindOf, kindOfUrn } from "./object.ts";

/** What a Diff found. */
export type Plan = {
  changes: Changes;
  /** The changed paths that mean a new object. */
  replaces: string[];
  /** Whether the old object must go first, because the new one has its name. */
  deleteBeforeReplace: boolean;
};

/** What a Diff is given. */
export type DiffRequest = { urn: string; state: Properties; inputs: Properties; ignoreChanges: string[] };

/**
 * Compares the program's inputs with the object as the state has it, and decides between an update and a replacement. With
 * nothing changed, it asks the cluster nothing.
 */
export async function planChanges(request: DiffRequest, connection: Connection): Promise<Plan> {
  const kind = kindOfUrn(request.urn);
  const old = readCheckpoint(request.state);
  const inputs = normalize(asObject(plain(request.inputs) as Properties, kind));
  const oldInputs = normalize(asObject(old.inputs, kind));
  const live = prune(
    { ...old.live, apiVersion: old.live.apiVersion ?? inputs.apiVersion },
    oldInputs,
  ) as KubernetesObject;
  live.metadata ??= {};
  const inNamespace = await isNamespaced(kindOf(inputs), connection);
  for (const { metadata } of [live, inputs]) {
    // "No namespace" and the default one are the same place; a cluster-wide object has none at all.
    if (inNamespace) metadata.namespace ??= "default";
    else delete metadata.namespace;
  }
  if (inputs.metadata.name) live.metadata.name = old.live.metadata.name;
  const changes = difference(live, inputs);
  for (const path of changes.keys()) if (isWithin(path, request.ignoreChanges)) changes.delete(path);
  const { configMapsMutable, secretsMutable } = connection.settings;
  const fixed = replacingPaths(inputs, { configMaps: configMapsMutable, secrets: secretsMutable });
  const replaces = [...changes.keys()].filter((path) => isWithin(path, fixed));
  if (changes.size > 0 && replaces.length === 0) {
    replaces.push(...(await refusedAsImmutable(inputs, old.fieldManager, changes, connection)));
  }
  const samePlace =
    inputs.metadata.name === old.live.metadata.name && inputs.metadata.namespace === live.metadata.namespace;
  return { changes, replaces, deleteBeforeReplace: replaces.length > 0 && samePlace && !isAutonamed(inputs) };
}

/** Asks the API server, which alone knows of some fields that they cannot change. */
async function refusedAsImmutable(
  inputs: KubernetesObject,
  fieldManager: string | undefined,
  changes: Changes,
  connection: Connection,
): Promise<string[]> {
  const isRendered = connection.settings.renderDirectory !== undefined;
  if (isRendered || !fieldManager || containsUnknown(inputs) || !mayBeReplacedForRefusal(inputs)) return [];
  try {
    const cluster = await connection.cluster();
    await cluster.apply(inputs, { ...applyOptions(inputs, fieldManager, connection), dryRun: true });
    return [];
  } catch (error) {
    // Any other refusal is for the update to report, which says it with the operation's name.
    if (!(error instanceof RefusedError) || !isImmutableRefusal(error)) return [];
    const paths = [...changes.keys()];
    const named = paths.filter((path) =>
      error.fields.some((field) => isWithin(path, [field]) || isWithin(field, [path])),
    );
    return named.length > 0 ? named : paths.filter((path) => !path.startsWith("metadata"));
  }
}
