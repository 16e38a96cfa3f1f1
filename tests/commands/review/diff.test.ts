import assert from "node:assert/strict";
import { unknown } from "../../../commands/cli/sentence.ts";
import { diffOf } from "../../../commands/review/diff.ts";
import { type StepOf, step } from "./steps.ts";

const diff = (of: StepOf) => diffOf(step("Thing", of)).slice(1);

describe("The full diff of a resource", () => {
  for (const [title, of] of [
    ["Thing it: update", { before: { a: 1 }, after: { a: 2 } }],
    ["Thing it: replace, the old one first", { op: "replace", before: {}, after: {}, deleteFirst: true }],
    ["Thing it: replace", { op: "replace", before: {}, after: {} }],
    ["Thing it: missing", { after: {}, missing: true }],
    ["Thing it: options", { op: "same", before: {}, after: {} }],
    ["Thing a⏎b: create", { name: "a\nb", after: {} }],
  ] as const)
    it(`starts with the resource and its operation: ${title}`, () => {
      assert.equal(diffOf(step("Thing", of))[0], `@@ ${title} @@`);
    });

  it("has a line for each old and each new value", () => {
    const of = { before: { same: 1, changed: "old", removed: 1 }, after: { same: 1, changed: "new", added: [1] } };
    assert.deepEqual(diff(of), ["- changed: old", "+ changed: new", "- removed: 1", "+ added: [1]"]);
  });

  it("has all inputs of a resource that is created or deleted", () => {
    const created = ["+ a:", "+   b: 1", "+ c: known after the update"];
    assert.deepEqual(diff({ after: { a: { b: 1 }, c: unknown } }), created);
    assert.deepEqual(diff({ before: { a: "x\ny" } }), ["- a: |-", "-   x", "-   y"]);
  });

  it("has the options that protect data", () => {
    const same = { op: "same", before: {}, after: {} } as const;
    assert.deepEqual(diff({ ...same, protect: [true, false] }), ["- protect: true", "+ protect: false"]);
    assert.deepEqual(diff({ ...same, retain: [true, false] }), ["- retainOnDelete: true", "+ retainOnDelete: false"]);
  });

  it("leaves out the suffixes of generated names", () => {
    const names = {
      before: { from: "web-0a1b2c3d", to: "web-0a1b2c3d" },
      after: { from: "web-4e5f6a7b", to: unknown },
    };
    assert.deepEqual(diff(names), [
      "- from: web, the earlier one",
      "+ from: web, the new one",
      "- to: web",
      "+ to: known after the update",
    ]);
    const metadata = { name: "web-0a1b2c3d", annotations: { "pulumi.com/autonamed": "true", a: "b" } };
    const created = ["+ metadata:", "+   annotations:", "+     a: b", "+   name: web-…"];
    assert.deepEqual(diff({ after: { metadata } }), created);
    const similar = { before: { tag: "v1-0a1b2c3d" }, after: { tag: "v2" } };
    assert.deepEqual(diff(similar), ["- tag: v1-0a1b2c3d", "+ tag: v2"]);
  });

  it("cuts a long line", () => {
    const [line = ""] = diff({ after: { a: "x".repeat(9999) } });
    assert.ok(line.length < 550, String(line.length));
    assert.match(line, /… \(9,5\d\d more\)$/);
  });
});
