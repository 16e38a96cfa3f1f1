import { redactor } from "../../diagnosis/redactor.ts";
import { secretName } from "../../policy/secret-names.ts";
import { unknown } from "../cli/sentence.ts";

/** The key by which Pulumi marks what is special about a value, and the mark of a secret. */
const signature = "4dabf18193072939515e22adb298388d";
const secretMark = "1b47061264138c4ac30d75fd1eb44270";

/** What stands where a secret stood; Pulumi itself writes the same. */
export const hidden = "[secret]";

/** A password in a URL. */
const inUrl = /(:\/\/[^\s:/@]*:)([^\s/@]+)@/g;

/** An annotation that holds the whole object once more, as text. */
const copy = "kubectl.kubernetes.io/last-applied-configuration";

/**
 * Takes every secret out of a preview, whatever its place: what Pulumi marks as one, the data of every Secret, values
 * under a name that says so, passwords in URLs, and each of the values so found wherever else it stands, in any
 * encoding. The form stays.
 *
 * @param known values that are secret besides. Default: the environment variables of this process whose name says so
 */
export function hideSecrets<T>(preview: T, known: readonly string[] = secretVariables()): T {
  const found = new Set(known);
  collect(preview, found);
  const withoutKnown = redactor(found);
  return hide(preview, withoutKnown) as T;
}

/** Too short to be a secret, and too likely to stand anywhere. */
const shortest = 6;

/** Folders, to every shell: https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap08.html */
const folders = ["PWD", "OLDPWD"];

function secretVariables(): string[] {
  return Object.entries(process.env).flatMap(([name, value]) =>
    secretName.test(name) && !folders.includes(name) && value && value.length >= shortest ? [value] : [],
  );
}

/** Finds the values that are secret, where they are readable. */
function collect(value: unknown, found: Set<string>, all = false): void {
  if (typeof value === "string" || typeof value === "number") {
    const text = String(value);
    // A short number is likely to stand anywhere.
    if (all && (typeof value === "string" || text.length >= shortest)) found.add(text);
    for (const [, , password = ""] of text.matchAll(inUrl)) if (password.length >= shortest) found.add(password);
    return;
  }
  if (typeof value !== "object" || value === null) return;
  const object = value as Record<string, unknown>;
  if (isMarked(object)) {
    collect(unwrapped(object), found, true);
    return;
  }
  for (const [name, inner] of Object.entries(object)) {
    const data = isSecret(object) && (name === "data" || name === "stringData");
    if (data && name === "data") collect(decoded(inner), found, true);
    collect(inner, found, all || data);
    if (saysSo(object, name, inner) && inner !== unknown && String(inner).length >= shortest) found.add(String(inner));
  }
}

/** Whether a value is one under a name that says it is secret. */
function saysSo(object: Record<string, unknown>, name: string, inner: unknown): boolean {
  const named = name === "value" && typeof object.name === "string" ? object.name : name;
  return /^(string|number)$/.test(typeof inner) && secretName.test(named);
}

/** A secret as Pulumi has it: encrypted, or as JSON text in `plaintext`, or plain in `value`. */
function unwrapped({ plaintext, value }: Record<string, unknown>): unknown {
  if (typeof plaintext !== "string") return value;
  try {
    return JSON.parse(plaintext);
  } catch {
    return plaintext;
  }
}

const decoded = (data: unknown): unknown =>
  typeof data !== "object" || data === null
    ? undefined
    : Object.values(data).map((text) => (typeof text === "string" ? Buffer.from(text, "base64").toString() : ""));

const isMarked = (object: Record<string, unknown>): boolean => object[signature] === secretMark;

const isSecret = ({ kind, apiVersion }: Record<string, unknown>): boolean => kind === "Secret" && apiVersion === "v1";

function hide(value: unknown, withoutKnown: (text: string) => string): unknown {
  if (typeof value === "string") return withoutKnown(value).replace(inUrl, `$1${hidden}@`);
  if (typeof value === "number") return withoutKnown(String(value)) === String(value) ? value : hidden;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((inner) => hide(inner, withoutKnown));
  const object = value as Record<string, unknown>;
  if (isMarked(object)) return hidden;
  const entries = Object.entries(object).map(([name, inner]) => {
    const safe = withoutKnown(name);
    if (isSecret(object) && (name === "data" || name === "stringData")) return [safe, masked(inner, withoutKnown)];
    if (name === copy) return [safe, hidden];
    if (saysSo(object, name, inner)) return [safe, hidden];
    return [safe, structural(object, name, withoutKnown) ?? hide(inner, withoutKnown)];
  });
  return Object.fromEntries(entries);
}

/** What a step does to which kind of resource: the engine's own words and the program's, needed to read the rest. */
function structural(
  { urn, op }: Record<string, unknown>,
  name: string,
  withoutKnown: (text: string) => string,
): string | undefined {
  const [stack, project, types, ...rest] = String(urn).split("::");
  if (!stack?.startsWith("urn:pulumi:") || rest.length === 0) return undefined;
  if (name === "op" && typeof op === "string") return op;
  return name === "urn" ? [stack, project, types, withoutKnown(rest.join("::"))].join("::") : undefined;
}

/** A Secret's keys may be seen. */
const masked = (data: unknown, withoutKnown: (text: string) => string): unknown =>
  typeof data === "object" && data !== null
    ? Object.fromEntries(Object.keys(data).map((key) => [withoutKnown(key), hidden]))
    : hidden;
