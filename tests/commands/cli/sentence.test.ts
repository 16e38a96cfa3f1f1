import assert from "node:assert/strict";
import { count, kindName, list, say, shown, unknown, visible } from "../../../commands/cli/sentence.ts";
import { text } from "../review/steps.ts";

describe("Words", () => {
  it("keep apart what is ours and what is from elsewhere", () => {
    assert.deepEqual(say`volume ${"data"} of ${3}`, ["volume ", { value: "data" }, " of ", "3"]);
    assert.deepEqual(say`${say`a ${"b"}`}!`, ["a ", { value: "b" }, "!"]);
  });

  it("count in English", () => {
    assert.deepEqual(
      [
        count(1, "pod"),
        count(2, "pod"),
        count(1234, "change"),
        count(2, "Ingress"),
        count(2, "NetworkPolicy"),
        count(2, "Gateway"),
      ],
      ["1 pod", "2 pods", "1,234 changes", "2 Ingresses", "2 NetworkPolicies", "2 Gateways"],
    );
  });

  it("list names up to a number", () => {
    assert.equal(text(list(["a", "b", "c"], 3)), "a, b, c");
    assert.equal(text(list(["a", "b", "c"], 2)), "a, b and 1 more");
  });

  it("say a kind as it is where it is a plain word", () => {
    assert.deepEqual(kindName("Secret"), ["Secret"]);
    assert.deepEqual(kindName("<b>"), [{ value: "<b>" }]);
  });

  it("show any value on one line, bounded, without what would show as something else", () => {
    assert.equal(shown(undefined), "none");
    assert.equal(shown(null), "none");
    assert.equal(shown(5), "5");
    assert.equal(shown({ a: ["b"] }), '{"a":["b"]}');
    assert.equal(shown(unknown), "known once it is made");
    assert.equal(shown("a\nb"), "a⏎b");
    assert.equal(shown("x".repeat(1200), 100), `${"x".repeat(100)}… (1,100 more)`);
    assert.equal(shown(`${"x".repeat(99)}😀😀`, 100), `${"x".repeat(99)}… (3 more)`);
    assert.equal(visible("a\u202Eb\u001b\u200B\u2028"), "a\\u{202e}b\\u{1b}\\u{200b}\\u{2028}");
  });
});
