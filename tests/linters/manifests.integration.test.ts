import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { stackFiles } from "../../settings/stack-files.ts";
import { type Finding, lintDockerfile, lintObjects } from "./lint.ts";
import { objectsOf } from "./objects.ts";
import { waiverFor, waivers } from "./waivers.ts";

describe("The linters", () => {
  const findings: Finding[] = [];

  for (const { stack } of stackFiles()) {
    it(`have no findings in ${stack} without a waiver`, async () => {
      const all = await lintObjects(await objectsOf(stack));
      findings.push(...all);
      assert.deepEqual(
        all.filter((finding) => !waiverFor(finding)),
        [],
      );
    });
  }

  it("have no findings in the application's Dockerfile", async () => {
    assert.deepEqual(await lintDockerfile(readFileSync("app/Dockerfile", "utf8")), []);
  });

  it("need every waiver, each with a reason", () => {
    for (const waiver of waivers) {
      assert.ok(
        findings.some((finding) => waiverFor(finding) === waiver),
        waiver.check,
      );
      assert.ok(waiver.reason.length > 20, waiver.check);
    }
  });
});
