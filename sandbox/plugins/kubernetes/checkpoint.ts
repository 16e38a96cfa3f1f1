import { containsSecret, isObject, isSecret, type Properties, plain, secret } from "../properties.ts";
import type { KubernetesObject } from "./object.ts";

/** What the state holds of an object besides its own members, under the official plugin's names. */
export type Checkpoint = {
  /** The inputs of the last update, without marks of secrets. */
  inputs: KubernetesObject;
  /** The object as it was live. */
  live: KubernetesObject;
  /** Who applies it; undefined in a state that has none. */
  fieldManager?: string;
  initialApiVersion?: string;
};

/**
 * What goes into the state: the live object, the inputs beside it, and marks on everything that was secret in the inputs.
 * @param marked the inputs as the engine gave them, with their marks
 */
export function writeCheckpoint(checkpoint: Checkpoint, marked: Properties): Properties {
  const { managedFields: _, ...metadata } = checkpoint.live.metadata;
  const live = { ...checkpoint.live, metadata };
  return {
    ...markSecrets(live, marked),
    __inputs: markSecrets(checkpoint.inputs, marked),
    __initialApiVersion: checkpoint.initialApiVersion ?? checkpoint.inputs.apiVersion,
    __fieldManager: checkpoint.fieldManager,
  };
}

/** Reads what writeCheckpoint wrote (also after the official plugin did). */
export function readCheckpoint(state: Properties): Checkpoint {
  const { __inputs, __initialApiVersion, __fieldManager, ...live } = plain(state) as Properties;
  return {
    live: live as KubernetesObject,
    inputs: (isObject(__inputs) ? __inputs : {}) as KubernetesObject,
    fieldManager: typeof __fieldManager === "string" ? __fieldManager : undefined,
    initialApiVersion: typeof __initialApiVersion === "string" ? __initialApiVersion : undefined,
  };
}

/**
 * Copies marks of secrets from one bag to another: member by member, and for a list as a whole, since its items may have
 * moved. The data of a Secret is always secret.
 */
export function markSecrets(target: Properties, marked: Properties): Properties {
  const result = { ...target };
  if (result.kind === "Secret") {
    if ("data" in result) result.data = secret(plain(result.data));
    if ("stringData" in result) result.stringData = secret(plain(result.stringData));
  }
  for (const [key, mark] of Object.entries(marked)) {
    const value = result[key];
    if (value === undefined || isSecret(value)) continue;
    if (isObject(value) && isObject(mark) && !isSecret(mark)) result[key] = markSecrets(value, mark);
    else if (containsSecret(mark)) result[key] = secret(value);
  }
  return result;
}
