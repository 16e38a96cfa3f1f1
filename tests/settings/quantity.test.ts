import assert from "node:assert/strict";
import fc from "fast-check";
import { bytes, exceeds, isWhole } from "../../settings/quantity.ts";

describe("A Kubernetes quantity", () => {
  it("is converted to bytes, and refused if it is none", () => {
    assert.deepEqual(["1.5Gi", "1500m", "7"].map(bytes), [1.5 * 2 ** 30, 1.5, 7]);
    for (const other of ["much", "1Xi", "1K", "1e", ".", "", "-1", "1 Gi", "1e100", "1.2.3"])
      assert.throws(() => bytes(other), / Kubernetes quantity/);
  });

  it("has every unit and exponent of Kubernetes", () => {
    const values: [quantity: string, bytes: number][] = [
      ["1n", 1e-9],
      ["1u", 1e-6],
      ["1m", 1e-3],
      ["1k", 1e3],
      ["1M", 1e6],
      ["1G", 1e9],
      ["1T", 1e12],
      ["1P", 1e15],
      ["1E", 1e18],
      ["1Ki", 2 ** 10],
      ["1Mi", 2 ** 20],
      ["1Gi", 2 ** 30],
      ["1Ti", 2 ** 40],
      ["1Pi", 2 ** 50],
      ["1Ei", 2 ** 60],
      ["1e3", 1e3],
      ["1E3", 1e3],
      ["12e+6", 12e6],
      ["5e-1", 0.5],
      [".5", 0.5],
      ["5.", 5],
      ["007", 7],
    ];
    for (const [quantity, value] of values) assert.equal(bytes(quantity), value, quantity);
  });

  it("is compared by its value, however it is written", () => {
    for (const [large, small] of [
      ["2000m", "1"],
      ["1.001", "1"],
      ["1Gi", "1G"],
      ["1", "999m"],
      ["1e3", "999"],
      ["1001u", "1m"],
      ["9007199254740993", "9007199254740992"],
    ] as const) {
      assert.ok(exceeds(large, small), `${large} > ${small}`);
      assert.ok(!exceeds(small, large), `${small} < ${large}`);
    }
    for (const [one, other] of [
      ["1", "1000m"],
      ["0.1", "100m"],
      ["1.10", "1100m"],
      ["1e3", "1k"],
      ["1024Mi", "1Gi"],
      // The API server rounds up to a billionth.
      ["0.1n", "1n"],
    ] as const)
      assert.ok(!exceeds(one, other) && !exceeds(other, one), `${one} = ${other}`);
  });

  it("is compared exactly, as whole thousandths are", () => {
    const milli = fc.integer({ min: 0, max: 1e9 });
    const written = (value: number, form: number) =>
      [`${value}m`, (value / 1000).toFixed(3), `${value}e-3`, `${value * 1000}u`][form] ?? "";
    const form = fc.integer({ min: 0, max: 3 });
    fc.assert(
      fc.property(milli, milli, form, form, (one, other, formOfOne, formOfOther) => {
        assert.equal(exceeds(written(one, formOfOne), written(other, formOfOther)), one > other);
      }),
    );
  });

  it("is a whole number of bytes, or not", () => {
    for (const whole of ["0", "1", "1.5Ki", "0.5Gi", "1000m", "1e0"]) assert.ok(isWhole(whole), whole);
    for (const fraction of ["0.1Gi", "1500m", "1.5", "1n", "1e-1"]) assert.ok(!isWhole(fraction), fraction);
  });
});
