import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { visible } from "../../../commands/cli/sentence.ts";
import { asFullMarkdown } from "../../../commands/review/markdown.ts";
import { reviewOf } from "../../../commands/review/review.ts";
import { inTerminal } from "../../../commands/review/terminal.ts";
import { noLog, recorded, review } from "./recorded.ts";
import { preview, step } from "./steps.ts";

const control = "\u001b";
const plain = async (...names: string[]) => inTerminal(asFullMarkdown(await review(...names)), false);

describe("A review in a terminal", () => {
  it("shows every change and every line of the diff, without markup", async () => {
    const text = await plain("plain-many");
    assert.match(
      text,
      /^Restarts pods in plain\. 3 changes in 1 environment: .*\n\nIn plain\n\nRestarts pods\n\n- Deployment/,
    );
    assert.equal(text.match(/^ {2}@@ ConfigMap many-/gm)?.length, 300);
    assert.match(text, /\n\nFull diff of 302 resources\n\n {2}@@ /);
    assert.ok(!/<\/?details>|`|\*\*|^###/m.test(text));
  });

  it("has the same text with colours", async () => {
    const text = asFullMarkdown(await review("plain-many"));
    assert.ok(inTerminal(text, true).startsWith(`${control}[`));
    assert.equal(stripVTControlCharacters(inTerminal(text, true)), inTerminal(text, false));
  });

  it("shows a long failure as a whole, in the words of the program", async () => {
    assert.match(await plain("storage-shrunk"), /\n\nThe preview of review fails\n\n {2}refused, because/);
    const message = `${"x".repeat(999)}\n\n  indented\n\`\`\`\n### no heading`;
    const failed = { ...recorded("unchanged"), failures: [message] };
    const text = inTerminal(asFullMarkdown(await reviewOf([failed], [], noLog)), false);
    assert.ok(text.endsWith(`fails\n\n${message.replaceAll(/^/gm, "  ")}\n`), text);
    assert.equal((await plain("plain-thrown")).match(/a line of a very long message/g)?.length, 400);
  });

  it("says which environments do not change", async () => {
    assert.equal(await plain("unchanged"), "No changes in 1 environment.\n");
    assert.match(await plain("unchanged", "promotion"), /\n\nNo changes in review\.\n$/);
  });

  it("lists the commits of a release", async () => {
    const log = async () => ({ subjects: ["abc Show `it`", "def **Hide** it"], back: false });
    const text = inTerminal(asFullMarkdown(await reviewOf([recorded("promotion")], [], log)), false);
    assert.match(text, /; 2 commits, \w{8} → \w{8}\n {2}- abc Show `it`\n {2}- def \*\*Hide\*\* it\n/);
  });

  it("shows any value character by character, and lets none move the cursor", async () => {
    const pieces = fc.constantFrom(
      "`",
      "``",
      "**",
      "*",
      " ",
      "a",
      "\n",
      "\u001b[2J",
      "</details>",
      "### ",
      "<b>",
      "\\",
    );
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { minLength: 1, maxLength: 8 }), async (values) => {
        const name = values.join("");
        const of = preview(name, step("ConfigMap", { name, before: { a: name }, after: { a: 1 } }));
        const text = inTerminal(asFullMarkdown(await reviewOf([{ ...of, failures: [name] }], [], noLog)), false);
        assert.ok(text.includes(`\n- ConfigMap ${visible(name)} changes: a ${visible(name)} → 1\n`), text);
        assert.ok(text.includes(`\nIn ${visible(name)}\n`), text);
        assert.ok(!text.includes(control));
      }),
    );
  });
});
