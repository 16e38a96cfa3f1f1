import assert from "node:assert/strict";
import { count, list, plainText, resourceName, say, show, unknown, visible } from "../../../commands/cli/sentence.ts";

describe("A sentence", () => {
  it("separates our own words from values from outside", () => {
    assert.deepEqual(say`volume ${"data"} of ${3}`, ["volume ", { value: "data" }, " of ", "3"]);
    assert.deepEqual(say`${say`a ${"b"}`}!`, ["a ", { value: "b" }, "!"]);
  });

  it("counts in English", () => {
    const counts = [count(1, "pod"), count(2, "pod"), count(1234, "change"), count(2, "Ingress")];
    assert.deepEqual(counts, ["1 pod", "2 pods", "1,234 changes", "2 Ingresses"]);
    assert.deepEqual([count(2, "NetworkPolicy"), count(2, "Gateway")], ["2 NetworkPolicies", "2 Gateways"]);
  });

  it("lists names up to a number", () => {
    assert.equal(plainText(list(["a", "b", "c"], 3)), "a, b, c");
    assert.equal(plainText(list(["a", "b", "c"], 2)), "a, b and 1 more");
  });

  it("has a kind as our own word only if it is a plain word", () => {
    assert.deepEqual(resourceName({ kind: "Secret", name: "a" }), ["Secret", " ", { value: "a" }]);
    assert.deepEqual(resourceName({ kind: "<b>", name: "a" }), [{ value: "<b>" }, " ", { value: "a" }]);
  });

  for (const [value, text] of [
    [undefined, "none"],
    [null, "none"],
    [5, "5"],
    [{ a: ["b"] }, '{"a":["b"]}'],
    [unknown, "known after the update"],
    ["a\nb", "a⏎b"],
    ["x".repeat(1200), `${"x".repeat(100)}… (1,100 more)`],
    [`${"x".repeat(99)}😀😀`, `${"x".repeat(99)}… (3 more)`],
  ] as const)
    it(`shows ${JSON.stringify(value)?.slice(0, 20)} on one short line`, () => {
      assert.equal(show(value, 100), text);
    });

  it("escapes invisible characters", () => {
    assert.equal(visible("a\u202Eb\u001b\u200B\u2028"), "a\\u{202e}b\\u{1b}\\u{200b}\\u{2028}");
  });
});
