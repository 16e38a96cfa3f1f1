import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { checkSettings } from "../../settings/load.ts";

/** Settings that every block of the page leaves out. */
const common = {
  "slipway:cluster": { context: "kind" },
  "slipway:namespace": "application",
  "slipway:release": { repository: "localhost:5000/application", build: { context: "app" } },
  "slipway:databasePassword": "correct-horse",
};

/** Sections of the page with their block of settings, by heading. */
const applications = readFileSync("docs/applications.md", "utf8")
  .split(/^## /m)
  .slice(1)
  .map((section) => [/.*/.exec(section)?.[0] ?? "", /^```yaml\n([\s\S]*?)^```/m.exec(section)?.[1] ?? ""] as const);

describe("The page of known applications", () => {
  it("has all fourteen", () => assert.equal(applications.length, 14));

  for (const [name, block] of applications) {
    it(`has settings for ${name} that are valid`, () => {
      const settings: Record<string, unknown> = { ...common, ...parse(block) };
      const config = Object.entries(settings).map(([key, value]) => [
        key,
        typeof value === "string" ? value : JSON.stringify(value),
      ]);
      assert.deepEqual(checkSettings(Object.fromEntries(config), ["slipway:databasePassword"]).problems, []);
    });
  }
});
