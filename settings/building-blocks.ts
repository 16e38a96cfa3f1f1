import { z } from "zod";
import { exceeds, isWhole, quantityPattern } from "./quantity.ts";

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

/** Name of something that pods and objects are named after, with room for suffixes: a CronJob's has at most 52 characters. */
const ownName = (example: string) =>
  text(
    `at most 40 lower-case letters, digits and "-", a letter first, as in ${example}; not app, web or database, and none of them before a "-"`,
    /^(?!(app|web|database)(-|$))[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/,
    example,
  );

/** Groups of settings by a name that the user chooses. */
export const named = <T extends z.core.$ZodType>(example: string, entry: T) =>
  z.record(ownName(example), entry, { error: `a mapping from names, as in ${example}, to settings` }).default({});

/** A quantity. A number is one too: its value counts, not how it is written. */
const quantityOf = (allowed: string, example: string, isAllowed: (quantity: string) => boolean) =>
  z
    .union([text(allowed, quantityPattern, example), z.number({ error: allowed })], { error: allowed })
    .transform(String)
    .refine((quantity) => !quantityPattern.test(quantity) || isAllowed(quantity), { error: allowed })
    .meta({ examples: [example] });

/** CPU. */
const cpuQuantity = (example: string) =>
  quantityOf(`a Kubernetes quantity above 0, as in ${example}`, example, (cpu) => exceeds(cpu, "0"));

/** The API server caps larger ones. */
const maxBytes = String(2n ** 63n - 1n);

/** Memory or storage: whole bytes. */
const byteQuantity = (min: string, example: string) =>
  quantityOf(
    `a Kubernetes quantity of whole bytes, at least ${min}, as in ${example}`,
    example,
    (size) => !exceeds(min, size) && !exceeds(size, maxBytes) && isWhole(size),
  );

/** Size of a volume. The minimum catches a forgotten unit. */
export const quantity = (example: string) => byteQuantity("1Mi", example);

/** CPU and memory of a container. */
export const resources = (cpu: string, cpuLimit: string, memory: string) =>
  group({
    cpu: cpuQuantity("250m").default(cpu).describe("CPU request."),
    cpuLimit: cpuQuantity("1").default(cpuLimit).describe("CPU limit."),
    memory: byteQuantity("16Mi", "512Mi").default(memory).describe("Memory request, and its limit."),
  })
    .superRefine(({ cpu, cpuLimit }, ctx) => {
      if ([cpu, cpuLimit].every((each) => quantityPattern.test(each)) && exceeds(cpu, cpuLimit))
        conflicts(ctx)("cpu", `at most the limit, cpuLimit, which is ${cpuLimit}`);
    })
    .prefault({})
    .describe("CPU and memory of one container.");

const wordError = "text; a number, true or false in quotes";

/** A command, word by word. */
export const command = (...example: [string, ...string[]]) =>
  z
    .array(text(wordError, /^[^\0]*$/, example[0]), { error: `a list of words, as in [${example.join(", ")}]` })
    .refine(([program = ""]) => program.trim() !== "", { error: "at least one word" })
    .meta({ examples: [example] });

/**
 * Reports a conflict between settings. A message that begins with `nothing` means: remove the setting.
 * `example` is a value to set instead. @default an example
 */
export const conflicts =
  (ctx: z.RefinementCtx) => (path: string | readonly (string | number)[], message: string, example?: string) =>
    ctx.addIssue({ code: "custom", path: [path].flat(), message, params: { example } });

/** A longer number has lost its last digits when it gets here. */
const exactNumber = (error: string) => z.int({ error });
/** No process can have a NUL in its environment. */
const plain = (error: string) => text(error, /^[^\0]*$/);

/** YAML turns 1.10 into 1.1 and False into false, and an application may mind. */
const valueError = 'text or a whole number; anything else in quotes, as in "false" or "1.10"';
const value = z.union([plain(valueError), exactNumber(valueError)], { error: valueError }).transform(String);

/** https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/ */
const variableName = text(
  'at most 253 letters, digits, "_", "-" and ".", no digit first, as in LOG_LEVEL',
  /^(?!\.$|\.\.)[-._A-Za-z][-._A-Za-z0-9]{0,252}$/,
);
/** A name in a Dockerfile. */
const argumentName = text("a name of letters, digits and _, as in LOG_LEVEL", /^[A-Za-z_][A-Za-z0-9_]*$/);

const valuesByName = (name: typeof variableName, example: Readonly<Record<string, string>>) =>
  z.record(name, value, { error: "a mapping from names to values" }).meta({ examples: [example] });

/** Environment variables by name. */
export const variables = (example: Readonly<Record<string, string>>) => valuesByName(variableName, example);

/** Build arguments by name. */
export const buildArguments = (example: Readonly<Record<string, string>>) => valuesByName(argumentName, example);

const secretsByName = (name: typeof variableName, example: string) =>
  z
    .record(name, text("text without spaces or line breaks at its ends", trimmed), {
      error: "a mapping from names to secret values",
    })
    .meta({ examples: [{ [example]: "a secret" }] })
    .default({});

/** Secret environment variables by name. */
export const secrets = (example: string) => secretsByName(variableName, example);

/** Secrets of a build by name. */
export const buildSecretsByName = (example: string) => secretsByName(argumentName, example);

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/#syntax-and-character-set */
const annotationName = text(
  "the name of an annotation, as in example.com/name",
  /^((?=[^/]{1,253}\/)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/,
);
const annotationError = "text, a whole number, true or false; another number in quotes";
const annotation = z
  .union([plain(annotationError), exactNumber(annotationError), z.boolean()], { error: annotationError })
  .transform(String);

/** Kubernetes' limit is 256 KiB for an object, and the program and controllers add some of their own. */
const annotationsLimit = 250 * 1024;

/** Annotations of an object. */
export const annotations = (example: Readonly<Record<string, string>>) =>
  z
    .record(annotationName, annotation, { error: "a mapping from names of annotations to text" })
    .refine((annotations) => sizeOf(annotations) <= annotationsLimit, { error: "at most 250 KiB altogether" })
    .meta({ examples: [example] });

/** Size of names and values, in bytes. */
export const sizeOf = (values: Readonly<Record<string, string>>): number =>
  // A refused number is still a number here.
  Object.entries(values).reduce((sum, [name, value]) => sum + Buffer.byteLength(`${name}${value}`), 0);
