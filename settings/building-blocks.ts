import { z } from "zod";
import { bytes } from "./quantity.ts";

/** The building blocks of the settings. The first argument of each says what is allowed, in words. */

/** Text of a pattern. */
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

/** A mapping that takes no keys but its own. */
export const group = <T extends z.core.$ZodLooseShape>(shape: T) => z.strictObject(shape, { error: groupError });
const groupError: z.core.$ZodErrorMap = (issue) =>
  issue.code === "unrecognized_keys" ? undefined : "a mapping with settings of its own";

/** Anything but space around it. */
export const anything = /^[^\s](.*[^\s])?$/s;

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names */
export const dnsLabel = (example: string) =>
  text(
    `at most 63 lower-case letters, digits and "-", as in ${example}`,
    /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
    example,
  );

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */
const isQuantity = /^[0-9]+(\.[0-9]+)?(m|k|Ki|M|Mi|G|Gi|T|Ti)?$/;
export const quantity = (example: string) => text(`a Kubernetes quantity, as in ${example}`, isQuantity, example);

/** An IP address of either version. */
export const ipAddress = (example: string) =>
  z.union([z.ipv4(), z.ipv6()], { error: `an IP address, as in ${example}` }).meta({ examples: [example] });

/** What one container gets, with defaults. */
export const resources = (cpu: string, cpuLimit: string, memory: string) =>
  group({
    cpu: quantity("250m").default(cpu).describe("CPU that is set aside."),
    cpuLimit: quantity("1").default(cpuLimit).describe("CPU at the most."),
    memory: quantity("512Mi")
      .refine((memory) => !isQuantity.test(memory) || bytes(memory) >= 2 ** 24, {
        error: "a Kubernetes quantity of at least 16Mi, as in 512Mi",
      })
      .default(memory)
      .describe("Memory that is set aside, and the limit as well."),
  })
    .prefault({})
    .describe("What one container gets.");

/** A problem between settings. One whose text begins with `nothing` is mended by taking the setting out. */
export const problemsOf = (ctx: z.RefinementCtx) => (path: string | string[], message: string) =>
  ctx.addIssue({ code: "custom", path: [path].flat(), message });

/** The path of a file or a folder. */
export const path = (allowed: string, example: string) => text(allowed, anything, example);

const valueError = "text, a number (of more than 15 digits: in quotes), true or false";
/** A longer number has lost its last digits by now. */
const exact = z
  .number()
  .refine((number) => !Number.isInteger(number) || Number.isSafeInteger(number), { error: valueError });
const value = z.union([z.string(), exact, z.boolean()], { error: valueError }).transform(String);
/** Name of an environment variable, or of a secret. */
export const variable = text("a name of letters, digits and _, as in LOG_LEVEL", /^[A-Za-z_][A-Za-z0-9_]*$/);
/** Names and what they stand for. */
export const variables = z.record(variable, value, { error: "a mapping from names to values" });

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/#syntax-and-character-set */
const annotation = text(
  "the name of an annotation, as in example.com/name",
  /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/,
);
/** Annotations of an object. */
export const annotations = z.record(annotation, value, { error: "a mapping from names of annotations to text" });
