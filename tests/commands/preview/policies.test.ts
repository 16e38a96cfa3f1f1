import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { policyOptions, readPolicyEvents } from "../../../commands/preview/policies.ts";
import type { Preview } from "../../../commands/preview/preview.ts";
import { readPreview } from "../../../commands/preview/read-preview.ts";
import { asJson } from "../../../commands/review/json.ts";
import { asMarkdown } from "../../../commands/review/markdown.ts";
import { reviewOf } from "../../../commands/review/review.ts";
import { noLog } from "../review/recorded.ts";

/** Lines of `pulumi preview --event-log`, as CLI 3.259 writes them. */
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

const otherEvent = JSON.stringify({ sequence: 1, preludeEvent: { config: {} } });

/** Reads a preview with these lines in its event log. */
const withEvents = (lines: string[], json: object = { steps: [] }, environment = "qa"): Preview => ({
  ...readPreview(JSON.stringify(json), environment, readPolicyEvents([otherEvent, ...lines, ""].join("\n"))),
  environment,
});

const reason = "A tag can be moved.\ncontainer web runs app:v1, which names no digest\nRemedy: use a digest\n";
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

describe("Policies in a preview", () => {
  it("fail it if a mandatory one is violated, with the resource, the reason and the remedy", () => {
    const details = "  container web runs app:v1, which names no digest\n  Remedy: use a digest";
    assert.deepEqual(withEvents(refused, failed).failures, [
      `policy image-by-digest refuses Deployment web: A tag can be moved.\n${details}`,
      `policy image-by-digest refuses Job web-migration: A tag can be moved.\n${details}`,
    ]);
  });

  it("come before other failures", () => {
    const broken = { diagnostics: [{ severity: "error", message: "no such cluster" }, ...failed.diagnostics] };
    const { failures } = withEvents(refused, broken);
    assert.deepEqual([failures.length, failures[2]], [3, "no such cluster"]);
  });

  it("do not fail it if only an advisory one is violated", () => {
    const { failures, policies } = withEvents(remarked);
    assert.deepEqual(failures, []);
    assert.match(
      policies?.remarks[0] ?? "",
      /^policy resource-count remarks on Deployment web: A stack that grows\.\n/,
    );
  });

  it("are left out if none was evaluated", () => {
    assert.equal(withEvents([]).policies, undefined);
  });

  it("show no secret of the preview", () => {
    const data = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value: "hunter2-hunter2" };
    const steps = [{ op: "create", urn: "urn:pulumi:qa::slipway::t::s", newState: { inputs: { data } } }];
    const { failures } = withEvents([violation("any", "mandatory", "it is hunter2-hunter2")], { steps });
    assert.match(failures[0] ?? "", /it is \[secret\]/);
  });
});

describe("A review of previews with policies", () => {
  const markdown = async (...previews: Preview[]) => asMarkdown(await reviewOf(previews, [], noLog));

  it("says how many policies pass", async () => {
    const change = {
      steps: [{ op: "create", urn: "urn:pulumi:qa::slipway::t::it", newState: { inputs: { a: 1 } } }],
    };
    const firstLine = async (...previews: Preview[]) => (await markdown(...previews)).split("\n")[0] ?? "";
    assert.match(await firstLine(withEvents([summary(["a", "b"])], change)), /; 2 policies pass\.$/);
    assert.match(await firstLine(withEvents(refused, failed)), /; 1 of 2 policies pass\.$/);
    assert.ok(!(await firstLine(withEvents([], change))).includes("pass"));
  });

  it("quotes a violation in its first line, and shows all of it below", async () => {
    const text = await markdown(withEvents(refused, failed));
    const title = "policy image-by-digest refuses Deployment web: A tag";
    assert.ok(text.startsWith(`**The preview of \`qa\` fails.** It says: \`${title}`), text);
    assert.match(
      text,
      /### The preview of `qa` fails\n\n```text\npolicy image-by-digest refuses .*\n {2}container web/,
    );
  });

  it("shows a remark once for all environments, even if nothing changes", async () => {
    const review = await reviewOf([withEvents(remarked), withEvents(remarked, undefined, "prod")], [], noLog);
    const text = asMarkdown(review);
    assert.match(text, /^\*\*No changes in 2 environments\.\*\*\n/);
    assert.equal(text.match(/resource-count/g)?.length, 1);
    assert.match(text, /### A remark on `prod`, `qa`\n\n```text\npolicy resource-count remarks on /);
    const json = JSON.parse(asJson(review));
    assert.deepEqual(json.policies, { asked: 2, hold: 1 });
    assert.deepEqual(json.remarks[0].environments, ["prod", "qa"]);
  });
});

describe("The options for the policy pack", () => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-pack-"));
  after(() => rmSync(folder, { recursive: true }));

  it("name the pack of this project", () => {
    assert.deepEqual(policyOptions(), ["--policy-pack", resolve("policy")]);
  });

  it("name its configuration if there is one", () => {
    assert.deepEqual(policyOptions(folder), ["--policy-pack", folder]);
    writeFileSync(join(folder, "config.json"), "{}");
    assert.deepEqual(policyOptions(folder).slice(2), ["--policy-pack-config", join(folder, "config.json")]);
  });
});
