import { createHash, randomBytes } from "node:crypto";
import { containsUnknown } from "../properties.ts";
import { annotation, type KubernetesObject } from "./object.ts";

const autonamed = "pulumi.com/autonamed";

/** What the engine says about names: a proposal of its own, if it has one, and whether to make up names at all. */
export type Autonaming = { proposedName?: string; disabled?: boolean };

/** Whether an object's name was made up for it, so that a replacement can get another one. */
export function isAutonamed(object: KubernetesObject): boolean {
  return annotation(object, autonamed) === "true";
}

/**
 * Gives an object without a name one: the old object's made-up name, or the engine's proposal, or the resource's logical
 * name, a dash, and eight hex digits. An object with a name, an unknown name or a generateName stays as it is.
 * @param logicalName last part of the resource's URN
 * @param seed what the digits are derived from, so that a preview and its update agree; empty for random digits
 * @throws when names are switched off in the project and the object has none
 */
export function withName(
  object: KubernetesObject,
  old: KubernetesObject | undefined,
  logicalName: string,
  seed: Uint8Array,
  autonaming: Autonaming = {},
): KubernetesObject {
  const { name, generateName } = object.metadata;
  if (generateName || name || containsUnknown(name)) return object;
  const kept = old && isAutonamed(old) ? old.metadata.name : undefined;
  if (!kept && autonaming.disabled) {
    throw new Error(`automatic naming is disabled and ${logicalName} has no metadata.name: set one`);
  }
  const made = kept ?? (autonaming.proposedName || `${logicalName}-${hexDigits(seed)}`);
  const annotations = { ...object.metadata.annotations, [autonamed]: "true" };
  return { ...object, metadata: { ...object.metadata, annotations, name: made } };
}

/** Eight hex digits: of the seed's hash, or random ones where there is no seed. */
export function hexDigits(seed: Uint8Array = new Uint8Array()): string {
  return seed.length === 0
    ? randomBytes(4).toString("hex")
    : createHash("sha256").update(seed).digest("hex").slice(0, 8);
}
