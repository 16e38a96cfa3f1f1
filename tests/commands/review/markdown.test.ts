import assert from "node:assert/strict";
import fc from "fast-check";
import { marked } from "marked";
import type { Preview } from "../../../commands/preview/preview.ts";
import type { CommitLog } from "../../../commands/review/commits.ts";
import { asMarkdown } from "../../../commands/review/markdown.ts";
import { reviewOf } from "../../../commands/review/review.ts";
import { noLog, recorded, review } from "./recorded.ts";
import { preview, step } from "./steps.ts";

/** GitHub allows 65,536 characters, and the comment starts with a line of the job. */
const mostCharacters = 65_536 - 36;

const comment = async (previews: Preview[], log = noLog): Promise<string> =>
  asMarkdown(await reviewOf(previews, [], log));

/** Renders a comment to HTML without code: the rest is what a browser and GitHub interpret. */
function outsideCode(text: string): string {
  const html = marked.parse(text, { async: false });
  return html.replace(/<(code|pre)[^>]*>[\s\S]*?<\/\1>/g, "");
}

const ownTag = /^<\/?(p|strong|h3|ul|li|details|summary|br)>$/;

function assertHarmless(text: string): void {
  const outside = outsideCode(text);
  for (const tag of outside.match(/<[^>]*>/g) ?? []) assert.match(tag, ownTag, outside);
  assert.ok(!/[@#]\w|https?:|javascript:/.test(outside), outside);
  assert.equal(outside.match(/<details>/g)?.length, outside.match(/<\/details>/g)?.length);
}

const hostile = [
  "</details><script>alert(1)</script>",
  "@everyone see #1 and https://example.com",
  "[click](javascript:alert(1)) ![](https://example.com/i.png)",
  "``` \n# heading\n```` `````",
  "`",
  " ` ",
  "<!-- ",
  "&lt;b&gt;",
  "**bold** _it_ ~~x~~ | a | b |",
  "\n\n---\n\n- list",
  "\u202Egnp.exe\u200B\u001b[31m",
  "\uD800 half of a character",
  `${"x".repeat(299)}😀😀`,
  "x".repeat(100_000),
  "",
];

/** Makes a preview with the value wherever a value is possible. */
const everywhere = (value: string, environment = value): Preview => ({
  ...preview(
    environment,
    step("ConfigMap", { name: value, before: { data: { a: "1", [value]: "1" } }, after: { data: { a: value } } }),
    step("Deployment", {
      name: value,
      before: { spec: { template: { spec: { containers: [{ name: value, image: "a:1" }] } } } },
      after: { spec: { template: { spec: { containers: [{ name: value, image: value }] } } } },
    }),
    step("PersistentVolumeClaim", { name: value, before: { spec: { resources: { requests: { storage: value } } } } }),
    step("NetworkPolicy", {
      name: value,
      before: { spec: { podSelector: { matchLabels: { [value]: value } }, policyTypes: [value] } },
    }),
    step(value, { name: value, after: { [value]: value } }),
    step("Job", { name: value, after: { spec: { template: { spec: { containers: [{ command: [value] }] } } } } }),
  ),
  failures: [value],
  policies: { refusals: [value], remarks: [value], asked: [value], broken: [value] },
});

describe("The comment of a review", () => {
  for (const value of hostile)
    it(`renders nothing of a hostile value: ${JSON.stringify(value.slice(0, 40))}`, async () => {
      const text = await comment([everywhere(value), everywhere(value, "prod")]);
      assertHarmless(text);
      assert.ok(text.length <= mostCharacters);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
      assert.ok(!/[\u202E\u200B\u001b]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])/.test(text));
    });

  for (const value of ["`", "``a`", " a ", "a`", "&lt;", "a\\"])
    it(`shows a value character by character: ${JSON.stringify(value)}`, async () => {
      const text = await comment([preview("qa", step("ConfigMap", { name: value, before: {}, after: { a: 1 } }))]);
      const [, code = ""] = /<li>ConfigMap <code>(.*?)<\/code>/.exec(marked.parse(text, { async: false })) ?? [];
      assert.equal(code.replaceAll("&amp;", "&"), value);
    });

  it("renders nothing of any value", async () => {
    const piece = fc.constantFrom(..."`|``|\n|<b>|</code>|@a|#1|[a](b)|\\|*| |~~~|a".split("|"), "|");
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 8 }), async (pieces) => {
        assertHarmless(await comment([everywhere(pieces.join(""))]));
      }),
      { numRuns: 60 },
    );
  });

  it("sorts changes by their risk", async () => {
    const text = asMarkdown(await review("plain-namespace"));
    const headings = ["**Loses or moves data**", "**Restarts pods**", "**Settings only**", "<details>"];
    assert.deepEqual(text.match(/^(\*\*.*\*\*|<details>)/gm)?.slice(1), headings);
    const access = asMarkdown(await review("port"));
    assert.match(access, /\*\*Restarts pods\*\*\n\n- Deployment [\s\S]*\n\*\*Changes access\*\*\n\n- network policy /);
  });

  it("does not call an environment unchanged if its preview fails", async () => {
    const text = await comment([recorded("storage-shrunk", "qa"), recorded("unchanged", "dev")]);
    assert.match(text, /\nNo changes in `dev`\.\n$/);
    assert.ok(!asMarkdown(await review("storage-shrunk")).includes("No changes"));
  });

  it("folds the full diff", async () => {
    const text = asMarkdown(await review("replicas"));
    const diff = "@@ Deployment web: update @@\n- spec.replicas: 2\n+ spec.replicas: 4";
    const summary = "<details><summary>Full diff of 1 resource</summary>";
    assert.ok(text.endsWith(`${summary}\n\n\`\`\`diff\n${diff}\n\`\`\`\n\n</details>\n`), text);
  });

  it("lists the commits of a release or a rollback, and says if they are unknown", async () => {
    const subjects = Array.from({ length: 50 }, (_, n) => `abc${n} Change <b>${n}</b> @me`);
    const promotion = (log?: CommitLog) => comment([recorded("promotion")], log);
    const forward = await promotion(async () => ({ subjects: subjects.slice(0, 2), back: false }));
    assert.match(
      forward,
      /throughout; 2 commits, `[0-9a-f]{8}` → `[0-9a-f]{8}`\n {2}- `abc0 Change <b>0<\/b> @me`\n {2}- `abc1 /,
    );
    assertHarmless(forward);
    const back = await promotion(async () => ({ subjects, back: true }));
    assert.match(back, /; takes back 50 commits, /);
    assert.match(back, /\n {2}- and 10 more\n/);
    assert.match(await promotion(), /; commits `[0-9a-f]{8}` → `[0-9a-f]{8}`, which this clone does not know\n/);
  });

  it("shows a failure, up to a number of lines", async () => {
    const text = asMarkdown(await review("plain-thrown"));
    assert.match(text, /### The preview of `plain` fails\n\n```text\nRunning program/);
    assert.match(text, /\n… \d+ more lines\n```\n/);
    assert.ok(text.split("a line of a very long message").length < 45);
  });

  it("shows no secret, even if Pulumi does with --show-secrets", async () => {
    for (const name of ["plain-secrets", "password", "create"]) {
      const text = asMarkdown(await review(name));
      assert.ok(!/hunter2|another-password|slipway-dev|aHVudGVyM/.test(text), name);
    }
  });
});

describe("A comment that is too long for GitHub", () => {
  const many = (count: number, size: number): Preview =>
    preview(
      "qa",
      ...Array.from({ length: count }, (_, n) =>
        step("ConfigMap", { name: `map-${n}`, before: { data: { a: "1" } }, after: { data: { a: "x".repeat(size) } } }),
      ),
    );

  it("loses lines of its diffs first", async () => {
    const text = await comment([many(300, 500)]);
    assert.ok(text.length <= mostCharacters, String(text.length));
    assert.match(text, /^\*\*Changes settings only in `qa`\.\*\* 300 changes in 1 environment: /);
    assert.match(text, /\n… \d+ more lines\n```\n/);
    assert.equal(text.match(/^- ConfigMap `map-/gm)?.length, 300);
  });

  it("loses sentences next, and counts them", async () => {
    const text = await comment([many(2000, 500)]);
    assert.ok(text.length <= mostCharacters, String(text.length));
    assert.match(text, / 2,000 changes in 1 environment: .* 2,000 to settings only; /);
    assert.match(text, /^- and \d+ more$/m);
    assert.match(text, /Full diff of 2,000 resources: too long for a comment; `npm run review` shows it\./);
  });

  it("keeps its totals, even for many environments with long names", async () => {
    const previews = Array.from({ length: 400 }, (_, n) => ({
      ...many(1, n + 1),
      environment: `${n}-${"long".repeat(200)}`,
      failures: ["x".repeat(9999)],
    }));
    const text = await comment(previews);
    assert.ok(text.length <= mostCharacters, String(text.length));
    assert.match(text, /^.*400 changes in 400 environments: .* 0 to access, 400 to settings only;/);
  });
});
