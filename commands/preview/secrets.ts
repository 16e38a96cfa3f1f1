import { redactor } from "../../diagnosis/redactor.ts";
import { secretName } from "../../policy/secret-names.ts";
import { unknown } from "../cli/sentence.ts";

/** The key of Pulumi's marks on values, and the mark of a secret. */
const signature = "4dabf18193072939515e22adb298388d";
const secretMark = "1b47061264138c4ac30d75fd1eb44270";

/** Replacement of a secret; Pulumi writes the same. */
export const hidden = "[secret]";

/** A password in a URL. */
const inUrl = /(:\/\/[^\s:/@]*:)([^\s/@]+)@/g;

/** An annotation with a copy of the whole object. */
const copyAnnotation = "kubectl.kubernetes.io/last-applied-configuration";

/**
 * Hides every secret of a preview, and keeps its structure. Secret are: values that Pulumi marks, the data of Secrets,
 * values with a secret's name, and passwords in URLs. Each is hidden everywhere it occurs, in any encoding.
 *
 * @param more other secret values; @default this process's environment variables with a secret's name
 */
export function hideSecrets<T>(preview: T, more: readonly string[] = secretVariables()): T {
  const secrets = new Set(more);
  collect(preview, secrets);
  return hide(preview, redactor(secrets)) as T;
}

/** Characters of the shortest text that counts as a secret by its name; a shorter one may occur anywhere. */
const shortest = 6;

/** Names that are folders to every shell: https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap08.html */
const folders = ["PWD", "OLDPWD"];

function secretVariables(): string[] {
  return Object.entries(process.env).flatMap(([name, value]) =>
    secretName.test(name) && !folders.includes(name) && value && value.length >= shortest ? [value] : [],
  );
}

/** Adds the readable secrets in a value. @param all whether the whole value is secret */
function collect(value: unknown, secrets: Set<string>, all = false): void {
  if (typeof value === "string" || typeof value === "number") {
    const text = String(value);
    // A short number may occur anywhere.
    if (all && (typeof value === "string" || text.length >= shortest)) secrets.add(text);
    for (const [, , password = ""] of text.matchAll(inUrl)) if (password.length >= shortest) secrets.add(password);
    return;
  }
  if (typeof value !== "object" || value === null) return;
  const object = value as Record<string, unknown>;
  if (isMarked(object)) {
    collect(unwrap(object), secrets, true);
    return;
  }
  for (const [name, inner] of Object.entries(object)) {
    const data = isSecret(object) && (name === "data" || name === "stringData");
    if (data && name === "data") collect(decoded(inner), secrets, true);
    collect(inner, secrets, all || data);
    if (isNamedSecret(object, name, inner) && inner !== unknown && String(inner).length >= shortest)
      secrets.add(String(inner));
  }
}

/** Returns whether a value has a secret's name. */
function isNamedSecret(object: Record<string, unknown>, name: string, inner: unknown): boolean {
  const named = name === "value" && typeof object.name === "string" ? object.name : name;
  return /^(string|number)$/.test(typeof inner) && secretName.test(named);
}

/** Unwraps a marked secret: `plaintext` is JSON, `value` the value itself; an encrypted one has neither. */
function unwrap({ plaintext, value }: Record<string, unknown>): unknown {
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

function hide(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === "string") return redact(value).replace(inUrl, `$1${hidden}@`);
  if (typeof value === "number") return redact(String(value)) === String(value) ? value : hidden;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((inner) => hide(inner, redact));
  const object = value as Record<string, unknown>;
  if (isMarked(object)) return hidden;
  const entries = Object.entries(object).map(([name, inner]) => {
    const safe = redact(name);
    if (isSecret(object) && (name === "data" || name === "stringData")) return [safe, masked(inner, redact)];
    if (name === copyAnnotation) return [safe, hidden];
    if (isNamedSecret(object, name, inner)) return [safe, hidden];
    return [safe, structural(object, name, redact) ?? hide(inner, redact)];
  });
  return Object.fromEntries(entries);
}

/** Keeps the operation and the types of a step, which a review needs, even if a secret has the same text. */
function structural(
  { urn, op }: Record<string, unknown>,
  name: string,
  redact: (text: string) => string,
): string | undefined {
  const [stack, project, types, ...rest] = String(urn).split("::");
  if (!stack?.startsWith("urn:pulumi:") || rest.length === 0) return undefined;
  if (name === "op" && typeof op === "string") return op;
  return name === "urn" ? [stack, project, types, redact(rest.join("::"))].join("::") : undefined;
}

/** Hides the values of a Secret, not its keys. */
const masked = (data: unknown, redact: (text: string) => string): unknown =>
  typeof data === "object" && data !== null
    ? Object.fromEntries(Object.keys(data).map((key) => [redact(key), hidden]))
    : hidden;
