import assert from "node:assert/strict";
import { unknownCheckingProxy } from "@pulumi/policy";
import { known, list, unknown } from "../../policy/unknown-values.ts";

/** What a preview has in the place of a text that it does not know. */
const notYet = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

describe("Inputs of a preview", () => {
  it("are read whole, where the SDK would throw at what is not known yet", () => {
    const inputs = unknownCheckingProxy({ a: notYet, b: [notYet, 1], c: { d: notYet, e: null, f: false } });
    assert.throws(() => inputs.a, /can't be known during preview/);
    assert.deepEqual(known(inputs), { a: unknown, b: [unknown, 1], c: { d: unknown, e: null, f: false } });
  });

  it("are not read past what else goes wrong", () => {
    const broken = Object.defineProperty({}, "a", {
      enumerable: true,
      get: () => {
        throw new Error("broken");
      },
    });
    assert.throws(() => known(broken), /^Error: broken$/);
  });

  it("have no elements where there is no list", () => {
    for (const value of [undefined, null, unknown, "text", { length: 1 }]) assert.deepEqual(list(value), []);
    assert.deepEqual(list([1]), [1]);
  });
});
