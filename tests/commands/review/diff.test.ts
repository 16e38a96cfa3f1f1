import assert from "node:assert/strict";
import { unknown } from "../../../commands/cli/sentence.ts";
import { diffOf } from "../../../commands/review/diff.ts";
import { type StepOf, step } from "./steps.ts";

const diff = (of: StepOf) => diffOf(step("Thing", of));

describe("The full diff", () => {
  it("names the resource and what would be done with it", () => {
    const title = (of: StepOf) => diff(of)[0];
    assert.equal(title({ before: { a: 1 }, after: { a: 2 } }), "@@ Thing it: update @@");
    assert.equal(
      title({ op: "replace", before: {}, after: {}, deleteFirst: true }),
      "@@ Thing it: replace, the old one first @@",
    );
    assert.equal(title({ op: "replace", before: {}, after: {} }), "@@ Thing it: replace @@");
    assert.equal(title({ op: "create", after: {}, missing: true }), "@@ Thing it: missing @@");
    assert.equal(title({ op: "same", before: {}, after: {} }), "@@ Thing it: options @@");
    assert.equal(title({ name: "a\nb", after: {} }), "@@ Thing a⏎b: create @@");
  });

  it("has old and new, a line each, and one where the other is not there", () => {
    const of = { before: { same: 1, changed: "old", gone: 1 }, after: { same: 1, changed: "new", come: [1] } };
    assert.deepEqual(diff(of).slice(1), ["- changed: old", "+ changed: new", "- gone: 1", "+ come: [1]"]);
  });

  it("has the whole of what is new or gone", () => {
    assert.deepEqual(diff({ after: { a: { b: 1 }, c: unknown } }).slice(1), [
      "+ a:",
      "+   b: 1",
      "+ c: known once it is made",
    ]);
    assert.deepEqual(diff({ before: { a: "x\ny" } }).slice(1), ["- a: |-", "-   x", "-   y"]);
  });

  it("has options that decide about the data", () => {
    assert.deepEqual(diff({ op: "same", before: {}, after: {}, protect: [true, false] }).slice(1), [
      "- protect: true",
      "+ protect: false",
    ]);
  });

  it("has the option by which a resource stays when its stack lets go of it", () => {
    const one = step("Thing", { op: "same", before: {}, after: {}, retain: true });
    const lifted = { ...one, after: one.after && { ...one.after, retainOnDelete: false } };
    assert.deepEqual(diffOf(lifted).slice(1), ["- retainOnDelete: true", "+ retainOnDelete: false"]);
  });

  it("leaves out what is made up in a name", () => {
    const names = {
      before: { from: "web-0a1b2c3d", to: "web-0a1b2c3d" },
      after: { from: "web-4e5f6a7b", to: unknown },
    };
    assert.deepEqual(diff(names).slice(1), [
      "- from: web, the earlier one",
      "+ from: web, the new one",
      "- to: web",
      "+ to: known once it is made",
    ]);
    const metadata = { name: "web-0a1b2c3d", annotations: { "pulumi.com/autonamed": "true", a: "b" } };
    assert.deepEqual(diff({ after: { metadata } }).slice(1), [
      "+ metadata:",
      "+   annotations:",
      "+     a: b",
      "+   name: web-…",
    ]);
    const own = { before: { tag: "v1-0a1b2c3d" }, after: { tag: "v2" } };
    assert.deepEqual(diff(own).slice(1), ["- tag: v1-0a1b2c3d", "+ tag: v2"]);
  });

  it("bounds a line", () => {
    const [, line = ""] = diff({ after: { a: "x".repeat(9999) } });
    assert.ok(line.length < 550, String(line.length));
    assert.match(line, /… \(9,5\d\d more\)$/);
  });
});
