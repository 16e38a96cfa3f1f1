export { toStruct } from "./struct.ts";

/** A property bag as the engine sends it: plain JSON, in which secrets and unknowns are marked by signatures. */
export type Properties = { [key: string]: unknown };

// The engine's wire format: these constants are part of the provider protocol.
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const unknownString = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const unknownPrefixes = new Set([
  unknownString,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** Reads a message's struct; an absent one is an empty bag. */
export function fromStruct(message: { toJavaScript(): unknown } | undefined): Properties {
  return (message?.toJavaScript() ?? {}) as Properties;
}

/** Whether a value is a JSON object: no list, no null. */
export function isObject(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Marks a value as secret; what is marked already stays as it is. */
export function secret(value: unknown): unknown {
  return isSecret(value) ? value : { [signatureKey]: secretSignature, value };
}

/** Whether a value itself is marked as secret. */
export function isSecret(value: unknown): value is { value: unknown } {
  return isObject(value) && value[signatureKey] === secretSignature;
}

/** Whether a value is, or holds anywhere inside, a secret. */
export function containsSecret(value: unknown): boolean {
  if (isSecret(value)) return true;
  return childrenOf(value).some(containsSecret);
}

/** Whether a value is, or holds anywhere inside, something that is known only after an update. */
export function containsUnknown(value: unknown): boolean {
  if (typeof value === "string") return unknownPrefixes.has(value);
  return childrenOf(value).some(containsUnknown);
}

/** A deep copy without nulls and without the marks of secrets: what a server may be sent. */
export function plain(value: unknown): unknown {
  if (isSecret(value)) return plain(value.value);
  if (Array.isArray(value)) return value.map(plain);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, child]) => child !== null && child !== undefined)
      .map(([key, child]) => [key, plain(child)]),
  );
}

function childrenOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  return isObject(value) ? Object.values(value) : [];
}
