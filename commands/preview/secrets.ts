import { redactor } from "../../diagnosis/redactor.ts";
import { secretName } from "../../policy/secret-names.ts";
import { type Fields, isFields } from "../cli/fields.ts";
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
  const object = value as Fields;
  if (isMarked(object)) {
    collect(unwrap(object), secrets, true);
    return;
  }
  for (const [name, inner] of Object.entries(object)) {
    const data = isSecretData(object, name);
    if (data && name === "data") collect(decoded(inner), secrets, true);
    collect(inner, secrets, all || data);
    if (isNamedSecret(object, name, inner) && inner !== unknown && String(inner).length >= shortest)
      secrets.add(String(inner));
  }
}

/** Returns whether a value has a secret's name. */
function isNamedSecret(object: Fields, name: string, inner: unknown): boolean {
  const named = name === "value" && typeof object.name === "string" ? object.name : name;
  return /^(string|number)$/.test(typeof inner) && secretName.test(named);
}

/** Unwraps a marked secret: `plaintext` is JSON, `value` the value itself; an encrypted one has neither. */
function unwrap({ plaintext, value }: Fields): unknown {
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

const isMarked = (object: Fields): boolean => object[signature] === secretMark;

const isSecretData = ({ kind, apiVersion }: Fields, name: string): boolean =>
  kind === "Secret" && apiVersion === "v1" && (name === "data" || name === "stringData");

/** Hides the known secrets in a text. */
type Redact = (text: string) => string;

function hide(value: unknown, redact: Redact): unknown {
  if (typeof value === "string") return redact(value).replace(inUrl, `$1${hidden}@`);
  if (typeof value === "number") return redact(String(value)) === String(value) ? value : hidden;
  if (Array.isArray(value)) return value.map((inner) => hide(inner, redact));
  if (!isFields(value)) return value;
  if (isMarked(value)) return hidden;
  const entries = Object.entries(value).map(([name, inner]) => {
    const safe = redact(name);
    if (isSecretData(value, name)) return [safe, masked(inner, redact)];
    if (name === copyAnnotation || isNamedSecret(value, name, inner)) return [safe, hidden];
    return [safe, structural(value, name, redact) ?? hide(inner, redact)];
  });
  return Object.fromEntries(entries);
}

/** Keeps the operation and the types of a step, which a review needs, even if a secret has the same text. */
function structural({ urn, op }: Fields, name: string, redact: Redact): string | undefined {
  const [stack, project, types, ...rest] = String(urn).split("::");
  if (!stack?.startsWith("urn:pulumi:") || rest.length === 0) return undefined;
  if (name === "op" && typeof op === "string") return op;
  return name === "urn" ? [stack, project, types, redact(rest.join("::"))].join("::") : undefined;
}

/** Hides the values of a Secret, not its keys. */
const masked = (data: unknown, redact: Redact): unknown =>
  typeof data === "object" && data !== null
    ? Object.fromEntries(Object.keys(data).map((key) => [redact(key), hidden]))
    : hidden;
