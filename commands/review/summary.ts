import { join, type Sentence, say, show, unknown } from "../cli/sentence.ts";
import type { FieldDifference } from "../environments/differences.ts";
import { changedFields } from "../preview/changed-fields.ts";
import { isRegenerated, withoutSuffix } from "../preview/generated-names.ts";
import type { Step } from "../preview/preview.ts";
import { fieldName } from "./field-name.ts";
import { belongsToRelease, releaseOf } from "./release.ts";

/** Fields that a summary names; the others are counted. */
const mostFields = 4;
/** Characters that it shows of a value. */
const longestValue = 60;

/** Summarises the changed fields of a resource, as in `: port 8000 → 8080, env A none → 1 and 3 more`. */
export function summary(step: Step): Sentence {
  const release = releaseOf(step);
  const fields = changedFields(step).filter((field) => release.length === 0 || !belongsToRelease(field));
  const renamed = fields.filter(({ left, right }) => isRegenerated(left, right));
  const users = [...new Set(renamed.map(({ right }) => withoutSuffix(String(right))))];
  // A login has the name of its Secret, so the name of the Secret is enough.
  const isLogin = ({ left, right }: FieldDifference) =>
    right === unknown && users.includes(withoutSuffix(String(left)));
  const values = fields
    .filter((field) => !renamed.includes(field) && !isLogin(field))
    .map(sayChange)
    .map((sentence): [string, Sentence] => [JSON.stringify(sentence), sentence]);
  const parts = [...release, ...new Map(values).values(), ...users.map((name) => say`uses the new ${name}`)];
  if (parts.length === 0) return [];
  const rest = parts.length - mostFields;
  return [": ", ...join(parts.slice(0, mostFields), ", "), ...(rest > 0 ? [` and ${rest} more`] : [])];
}

function sayChange({ field, left, right }: FieldDifference): Sentence {
  // The suffix of a generated name differs between environments, and means nothing.
  const before = right === unknown && typeof left === "string" ? withoutSuffix(left) : left;
  const [from = "", to = ""] = [before, right].map((value) => show(short(variable(field, value)), longestValue));
  // A part of the old value means nothing without a new one.
  if (right === unknown && show(short(before)).length > longestValue) return say`${fieldName(field)} → ${to}`;
  return say`${fieldName(field)} ${from} → ${to}`;
}

/** Returns the value of an environment variable that is added or removed. */
const variable = (field: string, value: unknown): unknown =>
  /\benv\[[^\]]+\]$/.test(field) && typeof value === "object" && value !== null && "value" in value
    ? value.value
    : value;

/** Shortens digests and commits to their first digits. */
const short = (value: unknown): unknown =>
  typeof value === "string"
    ? value.replace(/(sha256:[0-9a-f]{12})[0-9a-f]{52}/g, "$1").replace(/\b([0-9a-f]{8})[0-9a-f]{32}\b/g, "$1")
    : value;
