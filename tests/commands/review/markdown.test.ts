import assert from "node:assert/strict";
import fc from "fast-check";
import { marked } from "marked";
import { type Preview, readPreview } from "../../../commands/preview/preview.ts";
import { asMarkdown } from "../../../commands/review/markdown.ts";
import { reviewOf } from "../../../commands/review/review.ts";
import { noLog, recorded, review } from "./recorded.ts";
import { preview, step } from "./steps.ts";

/** GitHub takes 65,536 characters; a job writes a line of its own above the comment. */
const fits = 65_536 - 36;

const comment = async (previews: Preview[], order: string[] = [], log = noLog): Promise<string> =>
  asMarkdown(await reviewOf(previews, order, log));

/** What is left of a comment for a browser, or for GitHub's mentions and references, outside of code. */
function outsideCode(text: string): string {
  const html = marked.parse(text, { async: false });
  return html.replace(/<(code|pre)[^>]*>[\s\S]*?<\/\1>/g, "");
}

const ours = /^<\/?(p|strong|h3|ul|li|details|summary|br)>$/;

function assertHarmless(text: string): void {
  const outside = outsideCode(text);
  for (const tag of outside.match(/<[^>]*>/g) ?? []) assert.match(tag, ours, outside);
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

/** A preview in which the value stands wherever a value can. */
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

describe("The comment", () => {
  for (const value of hostile)
    it(`shows a hostile value as it is, and lets it do nothing: ${JSON.stringify(value.slice(0, 40))}`, async () => {
      const text = await comment([everywhere(value), everywhere(value, "prod")]);
      assertHarmless(text);
      assert.ok(text.length <= fits);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
      assert.ok(!/[\u202E\u200B\u001b]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])/.test(text));
    });

  it("shows values letter by letter, backticks and spaces included", async () => {
    for (const value of ["`", "``a`", " a ", "a`", "&lt;", "a\\"]) {
      const text = await comment([preview("qa", step("ConfigMap", { name: value, before: {}, after: { a: 1 } }))]);
      const [, code = ""] = /<li>ConfigMap <code>(.*?)<\/code>/.exec(marked.parse(text, { async: false })) ?? [];
      assert.equal(code.replaceAll("&amp;", "&"), value);
    }
  });

  it("lets no value do anything", async () => {
    const piece = fc.constantFrom(
      "`",
      "``",
      "\n",
      "<b>",
      "</code>",
      "@a",
      "#1",
      "[a](b)",
      "\\",
      "*",
      "|",
      " ",
      "~~~",
      "a",
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 8 }), async (pieces) => {
        assertHarmless(await comment([everywhere(pieces.join(""))]));
      }),
      { numRuns: 60 },
    );
  });

  it("is harmless for the recorded hostile values", async () => {
    assertHarmless(asMarkdown(await review("plain-hostile")));
  });

  it("has the sections in the order of their risk", async () => {
    const text = asMarkdown(await review("plain-namespace"));
    const headings = ["**Loses or moves data**", "**Restarts pods**", "**Settings only**", "<details>"];
    const places = headings.map((heading) => text.indexOf(heading));
    assert.deepEqual(
      places,
      [...places].sort((a, b) => a - b),
    );
    assert.ok(places[0] !== -1);
    const access = asMarkdown(await review("port"));
    assert.match(access, /\*\*Restarts pods\*\*\n\n- Deployment [\s\S]*\n\*\*Changes access\*\*\n\n- network policy /);
  });

  it("says once what is the same in several environments, and apart what is not", async () => {
    const previews = [
      recorded("port", "dev"),
      recorded("port", "test"),
      recorded("variable", "test"),
      recorded("port", "prod"),
    ];
    const both = {
      ...previews[1],
      steps: [...(previews[1]?.steps ?? []), ...(recorded("replicas").steps ?? [])],
    } as Preview;
    const text = await comment([previews[0] as Preview, both, previews[3] as Preview], ["dev", "test", "prod"]);
    assert.equal(text.match(/network policy `web` changes/g)?.length, 1);
    assert.match(text, /### In `dev`, `test`, `prod`\n/);
    assert.match(text, /### In `test`\n\n\*\*Settings only\*\*\n\n- Deployment `web`: replicas/);
    assert.equal(text.match(/^- spec\.template\.spec\.containers\[web\]\.ports/gm)?.length, 1);
  });

  it("keeps the order of a release among equals, what is the same in several first", async () => {
    const of = (environment: string, ...names: string[]) =>
      preview(environment, ...names.map((name) => step("ConfigMap", { name, before: { a: 1 }, after: { a: 2 } })));
    const previews = [of("test", "both", "testing"), of("dev", "both", "one"), of("a", "other")];
    const text = await comment(previews, ["dev", "test", "a"]);
    assert.deepEqual(text.match(/^### .*$/gm), ["### In `dev`, `test`", "### In `dev`", "### In `test`", "### In `a`"]);
  });

  it("has the diffs apart where they differ behind what a sentence shows", async () => {
    const long = "x".repeat(90);
    const of = (environment: string, end: string) =>
      preview(environment, step("ConfigMap", { before: { a: `${long}0` }, after: { a: `${long}${end}` } }));
    const text = await comment([of("dev", "1"), of("test", "2"), of("prod", "1")], ["dev", "test", "prod"]);
    const headings = ["### In `dev`, `test`, `prod`", "### In `dev`, `prod`", "### In `test`"];
    assert.deepEqual(text.match(/^### .*$/gm), headings);
    assert.equal(text.match(/^- ConfigMap/gm)?.length, 1);
    assert.equal(text.match(/^<details>/gm)?.length, 2);
  });

  it("puts the environment with the worst change first, then follows the order of a release", async () => {
    const previews = [
      recorded("port", "test"),
      recorded("replicas", "dev"),
      recorded("plain-class", "prod"),
      recorded("variable", "qa"),
    ];
    const text = await comment(previews, ["dev", "test", "prod"]);
    assert.deepEqual(text.match(/^### .*$/gm), ["### In `prod`", "### In `test`", "### In `qa`", "### In `dev`"]);
  });

  it("is the same whatever the order of files and steps, of such of one kind and name too", async () => {
    const steps = ["a", "b", "c"].map((parent) => ({
      ...{ op: "update", urn: `urn:pulumi:qa::slipway::parent:${parent}$kubernetes:core/v1:ConfigMap::same` },
      ...{ oldState: { inputs: { data: "1" } }, newState: { inputs: { data: parent } } },
    }));
    const of = (all: object[]) => comment([readPreview(JSON.stringify({ steps: all }), "qa")]);
    assert.equal(await of(steps.toReversed()), await of(steps));
    const names = ["port", "password", "plain-namespace", "unchanged", "create"];
    const previews = names.map((name) => recorded(name, name));
    const backwards = previews.toReversed().map((each) => ({ ...each, steps: each.steps.toReversed() }));
    assert.equal(await comment(backwards), await comment(previews));
  });

  it("names environments in the order of a release, others behind them by name", async () => {
    const previews = ["b", "prod", "a", "dev", "test"].map((name) => recorded("unchanged", name));
    const { environments } = await reviewOf(previews, ["dev", "test", "prod"], noLog);
    assert.deepEqual(environments, ["dev", "test", "prod", "a", "b"]);
  });

  it("calls no environment unchanged whose preview fails", async () => {
    const text = await comment([recorded("storage-shrunk", "qa"), recorded("unchanged", "dev")]);
    assert.match(text, /\nNo changes in `dev`\.\n$/);
    assert.ok(!asMarkdown(await review("storage-shrunk")).includes("No changes"));
  });

  it("folds the full diff, old and new", async () => {
    const text = asMarkdown(await review("replicas"));
    assert.match(
      text,
      /<details><summary>Full diff of 1 resource<\/summary>\n\n```diff\n@@ Deployment web: update @@\n- spec\.replicas: 2\n\+ spec\.replicas: 4\n```\n\n<\/details>\n$/,
    );
  });

  it("has no diff of what has none: an update without a field, and a component", async () => {
    const text = await comment([preview("qa", step("ConfigMap", { before: {}, after: {} }))]);
    assert.match(text, /- ConfigMap `it` changes\n$/);
    const component = step("WebApp", { before: { a: 1 }, after: { a: 2 } });
    const custom = false;
    const parts = {
      ...component,
      before: component.before && { ...component.before, custom },
      after: component.after && { ...component.after, custom },
    };
    assert.equal(await comment([preview("qa", parts)]), "**No changes in 1 environment.**\n");
  });

  it("names the commits of a release, those that a rollback takes back, and says where they are not known", async () => {
    const subjects = Array.from({ length: 50 }, (_, n) => `abc${n} Change <b>${n}</b> @me`);
    const forward = await comment([recorded("promotion")], [], async () => ({
      subjects: subjects.slice(0, 2),
      back: false,
    }));
    assert.match(
      forward,
      /throughout; 2 commits, `[0-9a-f]{8}` → `[0-9a-f]{8}`\n {2}- `abc0 Change <b>0<\/b> @me`\n {2}- `abc1 /,
    );
    assertHarmless(forward);
    const back = await comment([recorded("promotion")], [], async () => ({ subjects, back: true }));
    assert.match(back, /; takes back 50 commits, /);
    assert.match(back, /\n {2}- and 10 more\n/);
    assert.match(
      await comment([recorded("promotion")]),
      /; commits `[0-9a-f]{8}` → `[0-9a-f]{8}`, which this clone does not know\n/,
    );
  });

  it("says what failed, and bounds how much of it is shown", async () => {
    const text = asMarkdown(await review("plain-thrown"));
    assert.match(text, /### The preview of `plain` fails\n\n```text\nRunning program/);
    assert.match(text, /\n… \d+ more lines\n```\n/);
    assert.ok(text.indexOf("a line of a very long message".repeat(2)) === -1);
    assert.ok(text.split("a line of a very long message").length < 45);
  });

  it("shows no secret, as recorded and as Pulumi could be told to show them", async () => {
    for (const name of ["plain-secrets", "password", "create"]) {
      const text = asMarkdown(await review(name));
      assert.ok(!/hunter2|another-password|slipway-dev|aHVudGVyM/.test(text), name);
    }
  });
});

describe("A comment that would be too long", () => {
  const many = (count: number, size: number): Preview =>
    preview(
      "qa",
      ...Array.from({ length: count }, (_, n) =>
        step("ConfigMap", { name: `map-${n}`, before: { data: { a: "1" } }, after: { data: { a: "x".repeat(size) } } }),
      ),
    );

  it("is cut by its diffs first", async () => {
    const text = await comment([many(300, 500)]);
    assert.ok(text.length <= fits, String(text.length));
    assert.match(text, /^\*\*Changes settings only in `qa`\.\*\* 300 changes in 1 environment: /);
    assert.match(text, /\n… \d+ more lines\n```\n/);
    assert.equal(text.match(/^- ConfigMap `map-/gm)?.length, 300);
  });

  it("is cut by its sentences next, and says how many there are", async () => {
    const text = await comment([many(2000, 500)]);
    assert.ok(text.length <= fits, String(text.length));
    assert.match(text, / 2,000 changes in 1 environment: .* 2,000 to settings only; /);
    assert.match(text, /^- and \d+ more$/m);
    assert.match(text, /Full diff of 2,000 resources: too long for a comment; `npm run review` shows it\./);
  });

  it("keeps the totals of very many environments with very long names", async () => {
    const previews = Array.from({ length: 400 }, (_, n) => ({
      ...many(n + 1, 10),
      environment: `${n}-${"long".repeat(200)}`,
      failures: ["x".repeat(9999)],
      steps: many(1, n + 1).steps,
    }));
    const text = await comment(previews);
    assert.ok(text.length <= fits, String(text.length));
    assert.match(
      text.split("\n")[0] ?? "",
      /400 changes in 400 environments: 0 to data, 0 restarting pods, 0 to access, 400 to settings only/,
    );
  });

  it("shows real previews of 300 resources as far as they fit", async () => {
    const text = asMarkdown(await review("plain-many"));
    assert.ok(text.length <= fits, String(text.length));
    assert.ok(text.length > fits / 2, String(text.length));
    assert.match(text, /300 ConfigMaps are new/);
  });
});
