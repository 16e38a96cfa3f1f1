import { z } from "zod";

/** A cron expression that Kubernetes accepts. */
export interface Cron {
  /**
   * Longest time between two runs, in hours.
   *
   * @remarks In UTC: in a time zone with daylight saving time, one more hour is possible.
   */
  readonly longestGapHours: number;
}

/** A field of an expression, and the values that it may have. */
interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Names of the values, from `min` on. */
  readonly names?: readonly string[];
}

const minute: Field = { name: "minute", min: 0, max: 59 };
const hour: Field = { name: "hour", min: 0, max: 23 };
const dayOfMonth: Field = { name: "day of the month", min: 1, max: 31 };
const month: Field = {
  name: "month",
  min: 1,
  max: 12,
  names: "jan feb mar apr may jun jul aug sep oct nov dec".split(" "),
};
const dayOfWeek: Field = { name: "day of the week", min: 0, max: 6, names: "sun mon tue wed thu fri sat".split(" ") };

/** Values of a field that match. */
interface Matches {
  readonly values: ReadonlySet<number>;
  /** Whether the field has a `*`, so that it does not restrict the other field with days. */
  readonly any: boolean;
}

const shorthands: ReadonlyMap<string, string> = new Map([
  ["@hourly", "0 * * * *"],
  ["@daily", "0 0 * * *"],
  ["@midnight", "0 0 * * *"],
  ["@weekly", "0 0 * * 0"],
  ["@monthly", "0 0 1 * *"],
  ["@yearly", "0 0 1 1 *"],
  ["@annually", "0 0 1 1 *"],
]);
const shorthandError = `${[...shorthands.keys()].join(", ")}, or @every with hours, minutes and seconds, as in @every 6h30m`;

/** Reason why an expression is refused, as a part of a sentence that says what is allowed. */
class CronError extends Error {}

/**
 * Parses a cron expression as Kubernetes does, without what is only accepted there by accident: empty entries of lists,
 * signs of numbers, and dates that never come.
 *
 * @throws CronError if Kubernetes would refuse it, or if it never runs
 * @see https://github.com/robfig/cron/blob/v3.0.1/parser.go
 */
export function parseCron(expression: string): Cron {
  if (expression.includes("TZ")) throw new CronError("without a time zone");
  if (expression.startsWith("@every ")) return { longestGapHours: seconds(expression.slice("@every ".length)) / 3600 };
  const five = shorthands.get(expression) ?? expression;
  if (five.startsWith("@")) throw new CronError(shorthandError);
  const [minutes = "", hours = "", daysOfMonth = "", months = "", weekdays = "", ...more] = five.split(/[ \t]+/);
  if (weekdays === "" || more.length > 0) throw new CronError("five fields: minute, hour, day, month, day of the week");
  const times = timesOfDay(matches(minutes, minute), matches(hours, hour));
  const days = longestDays(matches(daysOfMonth, dayOfMonth), matches(months, month), matches(weekdays, dayOfWeek));
  if (days === undefined) throw new CronError("a date that exists");
  return { longestGapHours: longestGap(times, days) / 60 };
}

/** Longest time between two runs, in hours. @returns undefined for an expression that is refused */
export function longestGapHours(expression: string): number | undefined {
  try {
    return parseCron(expression).longestGapHours;
  } catch (error) {
    if (error instanceof CronError) return undefined;
    throw error;
  }
}

/** Length of an interval, in seconds. */
function seconds(interval: string): number {
  const [, hours = 0, minutes = 0, seconds = 0] = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(interval) ?? [];
  const total = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  if (total === 0) throw new CronError(shorthandError);
  return total;
}

/** Parses a field: a list of `*`, values and ranges, each with an optional step. */
function matches(text: string, field: Field): Matches {
  const entries = text.split(",").map((entry) => parseEntry(entry, field));
  return { values: new Set(entries.flatMap(({ values }) => values)), any: entries.some(({ any }) => any) };
}

function parseEntry(entry: string, field: Field): { values: number[]; any: boolean } {
  const [, range = "", stepText = "1"] = /^([^/]*)(?:\/(\d+))?$/.exec(entry) ?? [];
  const step = Number(stepText);
  if (step === 0) throw new CronError(`a step of its ${field.name} is at least 1, as in */5`);
  const isAny = range === "*" || range === "?";
  const [first = "", last, ...more] = isAny ? [String(field.min), String(field.max)] : range.split("-");
  const from = valueIn(first, field);
  // Kubernetes reads 5/15 as 5-59/15.
  const to = last !== undefined ? valueIn(last, field) : entry.includes("/") ? field.max : from;
  if (more.length > 0 || from > to) throw new CronError(`a range of its ${field.name} has the smaller value first`);
  const values = Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);
  return { values, any: isAny && step === 1 };
}

function valueIn(text: string, { name, min, max, names = [] }: Field): number {
  const named = names.indexOf(text.toLowerCase());
  const value = named >= 0 ? min + named : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  const orNames = names.length > 0 ? `, or ${names[0]} to ${names.at(-1)}` : "";
  throw new CronError(`its ${name} is from ${min} to ${max}${orNames}`);
}

/** Minutes after midnight, in order. */
const timesOfDay = (minutes: Matches, hours: Matches): number[] =>
  [...hours.values].flatMap((hour) => [...minutes.values].map((minute) => hour * 60 + minute)).sort((a, b) => a - b);

/** Days in 28 years, after which weekdays and leap years repeat. */
const cycle = 28 * 365 + 7;

/** Longest distance between two days that match. @returns undefined if none matches */
function longestDays(days: Matches, months: Matches, weekdays: Matches): number | undefined {
  if (days.any && weekdays.any && months.any) return 1;
  // Two fields that both restrict the days match if one of them does.
  const both = days.any || weekdays.any;
  const matching: number[] = [];
  const date = new Date(Date.UTC(2001, 0, 1));
  for (let index = 0; index < cycle; index++, date.setUTCDate(date.getUTCDate() + 1)) {
    if (!months.values.has(date.getUTCMonth() + 1)) continue;
    const byDay = days.values.has(date.getUTCDate());
    const byWeekday = weekdays.values.has(date.getUTCDay());
    if (both ? byDay && byWeekday : byDay || byWeekday) matching.push(index);
  }
  const [first] = matching;
  return first === undefined ? undefined : Math.max(...distances([...matching, cycle + first]));
}

/** Longest time between two runs, in minutes. */
function longestGap(times: readonly number[], days: number): number {
  const [first = 0] = times;
  const last = times.at(-1) ?? 0;
  return Math.max(days * 24 * 60 - last + first, ...distances(times));
}

const distances = (values: readonly number[]): number[] =>
  values.slice(1).map((value, index) => value - (values[index] ?? 0));

/** Format of an expression, for editors; {@link parseCron} checks the rest. */
const format = /^(@[a-z]+( [0-9hms]+)?|[^\s@]\S*([ \t]+\S+){4})$/;

/** The setting of a schedule. */
export const cron = (example: string) => {
  const allowed = `a cron expression of five fields, as in ${example}`;
  return z
    .string({ error: allowed })
    .regex(format, { error: allowed, abort: true })
    .superRefine((expression, ctx) => {
      try {
        parseCron(expression);
      } catch (error) {
        if (!(error instanceof CronError)) throw error;
        ctx.addIssue({ code: "custom", message: `${allowed}; ${error.message}` });
      }
    })
    .meta({ examples: [example] });
};
