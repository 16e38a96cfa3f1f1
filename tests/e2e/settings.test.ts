import assert from "node:assert/strict";
import { Project } from "./project.ts";

describe("A wrong setting, end to end", () => {
  const project = Project.forSuite("settings");

  before(() => project.create());

  /** Writes a value of the variable MODE into the stack file. */
  const writeMode = (written: string): void =>
    project.edit("Pulumi.settings.yaml", (file) =>
      file
        .replace(/\n +MODE: .*/, "")
        .replace(/\n( +)environment:/, (found, space) => `${found}\n${space}  MODE: ${written}`),
    );

  const spellings: readonly [written: string, value: string][] = [
    ["0777", "511"],
    ["1e3", "1000"],
    ["1.10", "1.1"],
    ["False", "false"],
    ["2026-01-31", '"2026-01-31 00:00:00 +0000 UTC"'],
  ];
  for (const [written, value] of spellings)
    it(`is refused as ${written}, which YAML reads as ${value}, and arrives as it is written in quotes`, async () => {
      writeMode(written);
      const output = await project.failingPreview();
      assert.ok(
        output.includes("1 problem in Pulumi.settings.yaml; nothing was contacted and nothing changed"),
        output,
      );
      assert.ok(output.includes(`environment.MODE is ${value}; allowed: text in quotes, as in "${written}"`), output);
      assert.ok(output.includes(`write it in quotes in Pulumi.settings.yaml: "${written}"`), output);
      writeMode(`"${written}"`);
      assert.ok(JSON.stringify(await project.steps()).includes(`{"name":"MODE","value":"${written}"}`));
    });

  it("is refused without a cluster, a registry or a builder if Kubernetes would refuse it", async () => {
    const output = await project.refusedPreview((config) => {
      config["slipway:cluster"] = { context: "nowhere" };
      config["slipway:release"].repository = "registry.invalid/noticeboard";
      // The library that writes this file leaves a date without quotes.
      delete config["slipway:web"].environment.MODE;
      config["slipway:web"].resources = { cpu: "2000m", cpuLimit: "1" };
      config["slipway:database"].backups = { schedule: "0 24 * * *" };
    });
    assert.match(output, /2 problems in Pulumi\.settings\.yaml; nothing was contacted and nothing changed/);
    assert.match(output, /web\.resources\.cpu; allowed: at most the limit, cpuLimit, which is 1\n/);
    assert.match(output, /backups\.schedule is "0 24 \* \* \*"; allowed: .*its hour is from 0 to 23\n/);
  });
});
