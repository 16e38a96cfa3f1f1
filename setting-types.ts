import { z } from "zod";

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
