import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { policyOptions, readPolicyEvents } from "../../../commands/preview/policies.ts";
import { type Preview, readPreview } from "../../../commands/preview/preview.ts";
import { asJson } from "../../../commands/review/json.ts";
import { asMarkdown } from "../../../commands/review/markdown.ts";
import { reviewOf } from "../../../commands/review/review.ts";
import { asTerminal } from "../../../commands/review/terminal.ts";
import { noLog } from "../review/recorded.ts";

/** Lines of `pulumi preview --event-log`, as CLI 3.259 writes them, with others between. */
const summary = (passed: string[], failed: string[] = [], event = "policyAnalyzeSummaryEvent") =>
  JSON.stringify({ sequence: 7, [event]: { policyPackName: "slipway", policyPackVersion: "1.0.0", passed, failed } });

const violation = (policyName: string, enforcementLevel: string, message: string, resource = "Deployment::web") =>
  JSON.stringify({
    sequence: 8,
    policyEvent: {
      resourceUrn: `urn:pulumi:qa::slipway::slipway:index:WebApp$kubernetes:apps/v1:${resource}`,
      message,
      color: "never",
      policyName,
      policyPackName: "slipway",
      enforcementLevel,
    },
  });

const other = JSON.stringify({ sequence: 1, preludeEvent: { config: {} } });
const reason = "A tag can be moved.\ncontainer web runs app:v1, which names no digest\nRemedy: use a digest\n";

/** A preview with these lines in its event log. */
const previewed = (lines: string[], json: object = { steps: [] }, environment = "qa"): Preview => ({
  ...readPreview(JSON.stringify(json), environment, readPolicyEvents([other, ...lines, ""].join("\n"))),
  environment,
});

const refused = [
  summary(["plain-secret"], ["image-by-digest"]),
  violation("image-by-digest", "mandatory", reason),
  violation("image-by-digest", "mandatory", reason, "Job::web-migration"),
];
const remarked = [
  summary(["data-protected"], ["resource-count"], "policyAnalyzeStackSummaryEvent"),
  violation("resource-count", "advisory", "A stack that grows.\nthe stack has 160 resources\nRemedy: split it\n"),
];
const failed = { diagnostics: [{ severity: "error", message: "error: preview failed\n" }] };

describe("What policies say of a preview", () => {
  it("is its failure where a mandatory one refuses: by name and resource, with the reason and the remedy", () => {
    assert.deepEqual(previewed(refused, failed).failures, [
      [
        "policy image-by-digest refuses Deployment web: A tag can be moved.",
        "  container web runs app:v1, which names no digest",
        "  Remedy: use a digest",
      ].join("\n"),
      [
        "policy image-by-digest refuses Job web-migration: A tag can be moved.",
        "  container web runs app:v1, which names no digest",
        "  Remedy: use a digest",
      ].join("\n"),
    ]);
  });

  it("stands beside what else failed", () => {
    const broken = { diagnostics: [{ severity: "error", message: "no such cluster" }, ...failed.diagnostics] };
    const { failures } = previewed(refused, broken);
    assert.deepEqual([failures.length, failures[2]], [3, "no such cluster"]);
  });

  it("is a remark, and no failure, where an advisory one has something to say", () => {
    const { failures, policies } = previewed(remarked);
    assert.deepEqual(failures, []);
    assert.match(
      policies?.remarks[0] ?? "",
      /^policy resource-count remarks on Deployment web: A stack that grows\.\n/,
    );
  });

  it("is nothing where none was asked", () => {
    assert.equal(previewed([]).policies, undefined);
  });

  it("has no secret of the preview in it", () => {
    const data = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value: "hunter2-hunter2" };
    const steps = [{ op: "create", urn: "urn:pulumi:qa::slipway::t::s", newState: { inputs: { data } } }];
    const { failures } = previewed([violation("any", "mandatory", "it is hunter2-hunter2")], { steps });
    assert.match(failures[0] ?? "", /it is \[secret\]/);
  });
});

describe("A review in which policies were asked", () => {
  const review = (...previews: Preview[]) => reviewOf(previews, [], noLog);

  it("says how many hold", async () => {
    const change = {
      steps: [{ op: "create", urn: "urn:pulumi:qa::slipway::t::it", newState: { inputs: { a: 1 } } }],
    };
    const line = async (...previews: Preview[]) => asMarkdown(await review(...previews)).split("\n")[0];
    assert.match((await line(previewed([summary(["a", "b"])], change))) ?? "", /; 2 policies hold\.$/);
    assert.match((await line(previewed(refused, failed))) ?? "", /; 1 of 2 policies hold\.$/);
    assert.ok(!(await line(previewed([], change)))?.includes("hold"));
  });

  it("quotes the refusal in its first line, and has all of it below", async () => {
    const text = asMarkdown(await review(previewed(refused, failed)));
    assert.match(
      text,
      /^\*\*The preview of `qa` fails\.\*\* It says: `policy image-by-digest refuses Deployment web: A tag/,
    );
    assert.match(
      text,
      /### The preview of `qa` fails\n\n```text\npolicy image-by-digest refuses Deployment web: .*\n {2}container web/,
    );
  });

  it("says a remark once for all environments, also where nothing changes", async () => {
    const found = await review(previewed(remarked), previewed(remarked, undefined, "prod"));
    const text = asMarkdown(found);
    assert.match(text, /^\*\*No changes in 2 environments\.\*\*\n/);
    assert.equal(text.match(/resource-count/g)?.length, 1);
    assert.match(text, /### A remark on `prod`, `qa`\n\n```text\npolicy resource-count remarks on /);
    assert.match(
      asTerminal(found, false),
      /A remark on prod, qa\n {2}policy resource-count remarks on .*\n {4}the stack has 160/,
    );
    const json = JSON.parse(asJson(found));
    assert.deepEqual(json.policies, { asked: 2, hold: 1 });
    assert.deepEqual(json.remarks[0].environments, ["prod", "qa"]);
  });
});

describe("The options by which policies hold", () => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-pack-"));
  after(() => rmSync(folder, { recursive: true }));

  it("name the pack of this project", () => {
    assert.deepEqual(policyOptions(), ["--policy-pack", resolve("policy")]);
  });

  it("name what was set of it, where something was", () => {
    assert.deepEqual(policyOptions(folder), ["--policy-pack", folder]);
    writeFileSync(join(folder, "config.json"), "{}");
    assert.deepEqual(policyOptions(folder).slice(2), ["--policy-pack-config", join(folder, "config.json")]);
  });
});
