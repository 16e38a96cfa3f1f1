import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { withoutSecrets } from "../../../commands/delivery/preview.ts";
import { readPreview } from "../../../commands/preview/read-preview.ts";
import { textOf } from "../review/recorded.ts";

const previews = readdirSync("tests/commands/review/previews").map((name) => name.replace(/\.json$/, ""));
const stored = (stdout: string, stderr = "", error?: Error) => withoutSecrets("prod", { stdout, stderr, error });

describe("npm run preview", () => {
  for (const name of previews)
    it(`stores everything that a review reads: ${name}`, () => {
      const text = textOf(name);
      assert.deepEqual(readPreview(stored(text), name), readPreview(text, name));
    });

  it("stores no secret, wherever it is", () => {
    const marked = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value: "hunter2-hunter2" };
    const inputs = {
      metadata: { name: "web" },
      spec: { a: marked, b: "is hunter2-hunter2" },
      PGPASSWORD: "correct-horse",
    };
    const step = {
      op: "create",
      urn: "urn:pulumi:prod::slipway::kubernetes:apps/v1:Deployment::web",
      newState: { inputs },
    };
    const config = { "slipway:databasePassword": "battery-staple" };
    const text = stored(JSON.stringify({ config, steps: [step] }), "hunter2-hunter2");
    assert.doesNotMatch(text, /hunter2|correct-horse|battery-staple/);
    assert.match(text, /\[secret\]/);
  });

  it("stores failures that pulumi prints outside of the JSON", () => {
    const broken = stored('{"steps": []}', "policy broken: no-latest\n", new Error("exit code 1"));
    assert.deepEqual(readPreview(broken, "prod").failures, ["policy broken: no-latest"]);
    const nothing = stored("", "error: no stack named 'prod' found\n", new Error("exit code 255"));
    assert.match(readPreview(nothing, "prod").failures.join(), /no stack named 'prod' found/);
    const said = JSON.stringify({ diagnostics: [{ severity: "error", message: "out of reach" }] });
    assert.deepEqual(readPreview(stored(said, "noise", new Error("exit code 255")), "prod").failures, ["out of reach"]);
  });

  it("stores policy violations, each once", () => {
    const said = {
      policyName: "image-by-digest",
      enforcementLevel: "mandatory",
      message: "A tag can be moved.\n  why",
    };
    const text = withoutSecrets("prod", {
      stdout: '{"steps": []}',
      stderr: "",
      error: new Error("exit code 255"),
      policyEvents: [{ policyEvent: said }, { policyAnalyzeSummaryEvent: { failed: [said.policyName] } }],
    });
    const { failures, policies } = readPreview(text, "prod");
    assert.deepEqual([failures.length, policies?.refusals, policies?.asked], [1, failures, ["image-by-digest"]]);
  });
});
