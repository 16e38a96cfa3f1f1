import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { stackFiles } from "../../settings/stack-files.ts";
import { type Finding, judge, judgeDockerfile } from "./lint.ts";
import { objectsOf } from "./objects.ts";
import { waiverFor, waivers } from "./waivers.ts";

describe("The linters", () => {
  const findings: Finding[] = [];

  for (const { stack } of stackFiles()) {
    it(`have nothing against ${stack} that is not waived for a reason`, async () => {
      const found = await judge(await objectsOf(stack));
      findings.push(...found);
      assert.deepEqual(
        found.filter((finding) => !waiverFor(finding)),
        [],
      );
    });
  }

  it("have nothing against the application's Dockerfile", async () => {
    assert.deepEqual(await judgeDockerfile(readFileSync("app/Dockerfile", "utf8")), []);
  });

  it("need every waiver: what they no longer find is struck off the list", () => {
    for (const waiver of waivers) {
      assert.ok(
        findings.some((finding) => waiverFor(finding) === waiver),
        waiver.check,
      );
      assert.ok(waiver.reason.length > 20, waiver.check);
    }
  });
});
