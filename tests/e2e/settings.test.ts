import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { run } from "../../sandbox/command.ts";
import { Project } from "./project.ts";

describe("A wrong setting, end to end", () => {
  const project = Project.forSuite("settings");

  before(() => project.create());

  /** Value of the variable MODE in the stack file, as YAML reads it. */
  const mode = (): unknown => parse(readFileSync(project.stackFile, "utf8")).config["slipway:web"].environment.MODE;

  const spellings: readonly [written: string, reason: RegExp, text: string][] = [
    ["0777", /is 511; allowed: text in quotes, as in "0777", which YAML otherwise reads as 511/, "0777"],
    ["1e3", /is 1000; allowed: text in quotes, as in "1e3"/, "1e3"],
    ["2026-01-31", /allowed: text in quotes, as in "2026-01-31"/, "2026-01-31"],
    ["1.10", /is 1\.1; allowed: text or a whole number; anything else in quotes/, "1.1"],
    ["False", /is false; allowed: text or a whole number; anything else in quotes/, "false"],
  ];
  for (const [written, reason, text] of spellings)
    it(`is refused as ${written}, which YAML reads as something else, and the printed command corrects it`, async () => {
      const environment = /environment:\n( +)APP_ENVIRONMENT: /;
      project.edit("Pulumi.settings.yaml", (file) =>
        file
          .replace(/\n +MODE: .*/, "")
          .replace(environment, (found, space) => found.replace("\n", `\n${space}MODE: ${written}\n`)),
      );
      const output = await project.failingPreview();
      assert.match(output, /1 problem in Pulumi\.settings\.yaml; nothing was contacted and nothing changed/);
      assert.match(output, reason);
      const [command = assert.fail(output)] = /pulumi config set .*/.exec(output) ?? [];
      await run(["sh", "-c", command], { cwd: project.folder, env: project.env });
      assert.equal(mode(), text);
    });

  it("is refused without a cluster, a registry or a builder if Kubernetes would refuse it", async () => {
    const output = await project.refusedPreview((config) => {
      config["slipway:cluster"] = { context: "nowhere" };
      config["slipway:release"].repository = "registry.invalid/noticeboard";
      config["slipway:web"].resources = { cpu: "2000m", cpuLimit: "1" };
      config["slipway:database"].backups = { schedule: "0 24 * * *" };
    });
    assert.match(output, /2 problems in Pulumi\.settings\.yaml; nothing was contacted and nothing changed/);
    assert.match(output, /web\.resources\.cpu is "2000m"; allowed: at most the limit, cpuLimit, which is 1\n/);
    assert.match(output, /backups\.schedule is "0 24 \* \* \*"; allowed: .*its hour is from 0 to 23\n/);
  });
});
