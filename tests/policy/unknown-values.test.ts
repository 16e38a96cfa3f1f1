import assert from "node:assert/strict";
import { unknownCheckingProxy } from "@pulumi/policy";
import { imageByDigest } from "../../policy/images.ts";
import { podRestricted } from "../../policy/restricted-pods.ts";
import { list, replaceUnknown, unknown } from "../../policy/unknown-values.ts";
import { violations } from "./rule-tests.ts";

/** Placeholder of the engine for an unknown text. */
const notYet = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

describe("Inputs in a preview", () => {
  it("are complete, although the SDK throws for unknown values", () => {
    const inputs = unknownCheckingProxy({ a: notYet, b: [notYet, 1], c: { d: notYet, e: null, f: false } });
    assert.throws(() => inputs.a, /can't be known during preview/);
    assert.deepEqual(replaceUnknown(inputs), { a: unknown, b: [unknown, 1], c: { d: unknown, e: null, f: false } });
  });

  it("are checked by a rule although some are unknown", async () => {
    const spec = { hostNetwork: true, containers: [{ name: "web", image: notYet }] };
    const props = unknownCheckingProxy({ spec: { template: { spec } } });
    const resources = [{ type: "kubernetes:apps/v1:Deployment", props }];
    assert.match((await violations(podRestricted, resources)).join(), /the pod has hostNetwork/);
    assert.deepEqual(await violations(imageByDigest, resources), []);
  });

  it("are not read if something else fails", () => {
    const faulty = Object.defineProperty({}, "a", {
      enumerable: true,
      get: () => {
        throw new Error("broken");
      },
    });
    assert.throws(() => replaceUnknown(faulty), /^Error: broken$/);
  });

  it("have no elements if a value is no list", () => {
    for (const value of [undefined, null, unknown, "text", { length: 1 }]) assert.deepEqual(list(value), []);
    assert.deepEqual(list([1]), [1]);
  });
});
