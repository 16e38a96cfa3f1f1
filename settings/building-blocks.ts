import { z } from "zod";
import { bytes } from "./quantity.ts";

// The building blocks of the settings. Each says what it allows, in words: errors and docs/settings.md show them.

/** Text that matches a pattern. */
export const text = (allowed: string, pattern: RegExp, example?: string) =>
  z
    .string({ error: allowed })
    .regex(pattern, { error: allowed })
    .meta(example ? { examples: [example] } : {});

/** A whole number within bounds, both included. */
export const whole = (min: number, max: number, example = min) => {
  const error = `a whole number from ${min} to ${max}`;
  return z
    .int({ error })
    .min(min, { error })
    .max(max, { error })
    .meta({ examples: [example] });
};

/** A boolean that is false by default. */
export const flag = () =>
  z
    .boolean({ error: "true or false" })
    .default(false)
    .meta({ examples: [true] });

/** A list. A whole list as the example is for entries that nobody may copy unread, such as who has access. */
export const list = <T extends z.core.$ZodType>(allowed: string, entry: T, example?: readonly string[]) =>
  z.array(entry, { error: `a list of ${allowed}` }).meta(example ? { examples: [example] } : {});

/** A list without duplicates. */
export const uniqueList = <T extends z.core.$ZodType>(allowed: string, entry: T, example: readonly string[]) =>
  list(allowed, entry, example).refine((entries) => new Set(entries).size === entries.length, {
    error: `a list of ${allowed}, each of them once`,
  });

/** A mapping with a fixed set of keys. */
export const group = <T extends z.core.$ZodLooseShape>(shape: T) =>
  z.strictObject(shape, {
    // Settings that do not exist have a message of their own.
    error: (issue) => (issue.code === "unrecognized_keys" ? undefined : "a mapping with settings of its own"),
  });

/** Text without space at its ends. */
export const trimmed = /^[^\s](.*[^\s])?$/s;

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names */
export const dnsLabel = (example: string) =>
  text(
    `at most 63 lower-case letters, digits and "-", as in ${example}`,
    /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
    example,
  );

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */
const quantityPattern = /^[0-9]+(\.[0-9]+)?(m|k|Ki|M|Mi|G|Gi|T|Ti)?$/;
export const quantity = (example: string) => text(`a Kubernetes quantity, as in ${example}`, quantityPattern, example);

/** CPU and memory of a container. */
export const resources = (cpu: string, cpuLimit: string, memory: string) =>
  group({
    cpu: quantity("250m").default(cpu).describe("CPU request."),
    cpuLimit: quantity("1").default(cpuLimit).describe("CPU limit."),
    memory: quantity("512Mi")
      .refine((memory) => !quantityPattern.test(memory) || bytes(memory) >= 2 ** 24, {
        error: "a Kubernetes quantity of at least 16Mi, as in 512Mi",
      })
      .default(memory)
      .describe("Memory request, and its limit."),
  })
    .prefault({})
    .describe("CPU and memory of one container.");

/** A command, word by word. */
export const command = (...example: [string, ...string[]]) =>
  z
    .array(text("text", trimmed, example[0]), { error: `a list of words, as in [${example.join(", ")}]` })
    .min(1, { error: "at least one word" })
    .meta({ examples: [example] });

/** Reports a conflict between settings. A message that begins with `nothing` means: remove the setting. */
export const conflicts = (ctx: z.RefinementCtx) => (path: string | string[], message: string) =>
  ctx.addIssue({ code: "custom", path: [path].flat(), message });

const valueError = "text, a number (of more than 15 digits: in quotes), true or false";
/** A longer number has lost its last digits when it gets here. */
const exactNumber = z
  .number()
  .refine((number) => !Number.isInteger(number) || Number.isSafeInteger(number), { error: valueError });
const value = z.union([z.string(), exactNumber, z.boolean()], { error: valueError }).transform(String);
const variableName = text("a name of letters, digits and _, as in LOG_LEVEL", /^[A-Za-z_][A-Za-z0-9_]*$/);

/** Variables by name. */
export const variables = (example: Readonly<Record<string, string>>) =>
  z.record(variableName, value, { error: "a mapping from names to values" }).meta({ examples: [example] });

/** Secret variables by name. */
export const secrets = (name: string) =>
  z
    .record(variableName, text("text", trimmed), { error: "a mapping from names to secret values" })
    .meta({ examples: [{ [name]: "a secret" }] })
    .default({});

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/#syntax-and-character-set */
const annotationName = text(
  "the name of an annotation, as in example.com/name",
  /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/,
);
/** Annotations of an object. */
export const annotations = (example: Readonly<Record<string, string>>) =>
  z
    .record(annotationName, value, { error: "a mapping from names of annotations to text" })
    .meta({ examples: [example] });
