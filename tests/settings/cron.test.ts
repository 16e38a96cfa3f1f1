import assert from "node:assert/strict";
import fc from "fast-check";
import { cron, longestGapHours, parseCron } from "../../settings/cron.ts";

/** Text of a field, and the values that it matches. */
interface Field {
  readonly text: string;
  readonly values: ReadonlySet<number>;
}

/** Fields with values, ranges and steps within bounds. */
const field = (min: number, max: number): fc.Arbitrary<Field> => {
  const all = Array.from({ length: max - min + 1 }, (_, index) => min + index);
  const value = fc.integer({ min, max });
  const range = fc.tuple(value, value).map((pair) => pair.toSorted((a, b) => a - b) as [number, number]);
  const entry = fc.oneof(
    value.map((value) => ({ text: `${value}`, from: value, to: value })),
    range.map(([from, to]) => ({ text: `${from}-${to}`, from, to })),
    fc.constantFrom("*", "?").map((text) => ({ text, from: min, to: max })),
  );
  const stepped = fc
    .tuple(entry, fc.option(fc.integer({ min: 1, max: 70 }), { nil: undefined }))
    .map(([entry, step]) => {
      const { text, from } = entry;
      if (step === undefined) return { text, values: all.filter((value) => value >= from && value <= entry.to) };
      const to = /^\d+$/.test(text) ? max : entry.to;
      const values = all.filter((value) => value >= from && value <= to && (value - from) % step === 0);
      return { text: `${text}/${step}`, values };
    });
  return fc.array(stepped, { minLength: 1, maxLength: 3 }).map((entries) => ({
    text: entries.map(({ text }) => text).join(","),
    values: new Set(entries.flatMap(({ values }) => values)),
  }));
};

const bounds: readonly [min: number, max: number][] = [
  [0, 59],
  [0, 23],
  [1, 28],
  [1, 12],
  [0, 6],
];
const fields = fc.tuple(...bounds.map(([min, max]) => field(min, max)));

describe("A cron expression", () => {
  it("is accepted with any values, lists, ranges and steps within the bounds of its fields", () => {
    fc.assert(
      fc.property(fields, (fields) => {
        const gap = longestGapHours(fields.map(({ text }) => text).join(" "));
        assert.ok(gap !== undefined && gap > 0);
      }),
    );
  });

  it("is refused if one value is beyond its field's bounds, also in a list or as the end of a range", () => {
    const maxima = [59, 23, 31, 12, 6];
    fc.assert(
      fc.property(
        fields,
        fc.integer({ min: 0, max: 4 }),
        fc.integer({ min: 1, max: 1000 }),
        fc.constantFrom("V", "*,V", "1-V", "V/2"),
        (fields, wrong, beyond, form) => {
          const texts = fields.map(({ text }) => text);
          texts[wrong] = form.replace("V", String((maxima[wrong] ?? 0) + beyond));
          assert.throws(() => parseCron(texts.join(" ")));
        },
      ),
    );
  });

  it("has the gaps between its runs that counting all minutes of three weeks finds", () => {
    fc.assert(
      fc.property(field(0, 59), field(0, 23), field(0, 6), (minutes, hours, weekdays) => {
        let previous: number | undefined;
        let longest = 0;
        for (let minute = 0; minute < 3 * 7 * 24 * 60; minute++) {
          const runs =
            minutes.values.has(minute % 60) &&
            hours.values.has(Math.floor(minute / 60) % 24) &&
            weekdays.values.has(Math.floor(minute / 60 / 24) % 7);
          if (!runs) continue;
          if (previous !== undefined) longest = Math.max(longest, minute - previous);
          previous = minute;
        }
        const gap = longestGapHours(`${minutes.text} ${hours.text} * * ${weekdays.text}`);
        assert.ok(Math.abs((gap ?? 0) - longest / 60) < 1e-9, `${gap} hours, not ${longest} minutes`);
      }),
      { numRuns: 30 },
    );
  });

  const gaps: readonly [expression: string, hours: number][] = [
    ["0 3 * * *", 24],
    ["@hourly", 1],
    ["@daily", 24],
    ["@midnight", 24],
    ["@weekly", 7 * 24],
    ["@monthly", 31 * 24],
    ["@yearly", 366 * 24],
    ["@annually", 366 * 24],
    ["@every 6h30m", 6.5],
    ["@every 90m", 1.5],
    ["0 0,12 * * MON-fri", 2.5 * 24],
    ["0 0 29 2 *", 4 * 365.25 * 24],
    // Two fields that restrict days: either is enough. A field with a step above 1 restricts.
    ["0 0 1 * SUN", 7 * 24],
    ["0 0 */31 * */7", 7 * 24],
    ["0 0 1 * */1", 31 * 24],
    ["0 0 ? * ?", 24],
    ["5/15 * * * *", 0.25],
    ["0  3 *\t* *", 24],
  ];
  for (const [expression, hours] of gaps)
    it(`runs at least every ${hours} hours with ${JSON.stringify(expression)}`, () => {
      assert.equal(longestGapHours(expression), hours);
      assert.ok(cron("0 3 * * *").safeParse(expression).success);
    });

  const refused: readonly [expression: string, reason: RegExp][] = [
    ["0 24 * * *", /its hour is from 0 to 23$/],
    ["60 * * * *", /its minute is from 0 to 59$/],
    ["*/0 * * * *", /a step of its minute is at least 1, as in \*\/5$/],
    ["0 3 * * 7", /its day of the week is from 0 to 6, or sun to sat$/],
    ["0 3 0 * *", /its day of the month is from 1 to 31$/],
    ["0 3 * 13 *", /its month is from 1 to 12, or jan to dec$/],
    ["0 3 * january *", /its month is from 1 to 12/],
    ["0 17-9 * * *", /a range of its hour has the smaller value first$/],
    ["0 3 * * sat-sun", /has the smaller value first$/],
    ["0 1-2-3 * * *", /a range of its hour/],
    ["*/2/2 * * * *", /its minute is/],
    ["0 3, * * *", /its hour is/],
    ["+5 * * * *", /its minute is/],
    ["-5 * * * *", /its minute is/],
    ["1.5 * * * *", /its minute is/],
    ["0 3 30 2 *", /a date that exists$/],
    ["0 3 31 4,6,9,11 *", /a date that exists$/],
    ["0 3 * *", /as in 0 3 \* \* \*$/],
    ["0 0 3 * * *", /as in 0 3 \* \* \*$/],
    ["", /as in 0 3/],
    ["daily", /as in 0 3/],
    ["@reboot", /@hourly, @daily, .*@every/],
    ["@every 0s", /@every/],
    ["@every 6", /@every/],
    ["@Daily", /as in 0 3/],
    ["TZ=UTC 0 3 * *", /without a time zone$/],
    ["CRON_TZ=Europe/Berlin 0 3 * * *", /as in 0 3/],
  ];
  for (const [expression, reason] of refused)
    it(`is refused as ${JSON.stringify(expression)}`, () => {
      const { error } = cron("0 3 * * *").safeParse(expression);
      assert.equal(error?.issues.length, 1);
      assert.match(error?.issues[0]?.message ?? "", /^a cron expression of five fields, as in 0 3 \* \* \*/);
      assert.match(error?.issues[0]?.message ?? "", reason);
      assert.equal(longestGapHours(expression), undefined);
    });
});
