import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse, stringify } from "yaml";
import { type Comparison, report } from "../../../commands/environments/environments.ts";

describe("The report on environments", () => {
  const comparison: Comparison = {
    left: "test",
    right: "prod",
    differences: [
      { kind: "Deployment", name: "web", field: "spec.replicas", left: 2, right: 3 },
      { kind: "Job", name: "a", field: "metadata.namespace", left: "one", right: "two" },
      { kind: "Service", name: "b", field: "metadata.namespace", left: "one", right: "two" },
      {
        kind: "Deployment",
        name: "web",
        field: "spec.template.spec.containers[web].command",
        left: undefined,
        right: ["a|b"],
      },
    ],
  };

  it("shows differences that are not allowed first, and those with the same reason in one row", () => {
    assert.deepEqual(
      report([comparison], false)
        .split("\n")
        .map((line) => line.trim().split(/ {2,}/)),
      [
        ["test → prod: 4 differences, 1 NOT ALLOWED"],
        [""],
        ["what", "object", "field", "test", "prod"],
        ["NOT ALLOWED", "Deployment web", "…containers[web].command", "-", '["a|b"]'],
        ["namespace", "Job a and 1 more", "metadata.namespace", "one", "two"],
        ["replicas", "Deployment web", "spec.replicas", "2", "3"],
        [""],
      ],
    );
  });

  it("is a Markdown table with --markdown", () => {
    const lines = report([comparison], true).split("\n");
    assert.equal(lines[0], "### test → prod: 4 differences, 1 NOT ALLOWED");
    assert.equal(lines[3], "| --- | --- | --- | --- | --- |");
    assert.equal(lines[4], '| NOT ALLOWED | Deployment web | …containers[web].command | - | ["a\\|b"] |');
  });

  it("exits with code 1 if a difference is not allowed, else with 0", () => {
    const folder = mkdtempSync(join(tmpdir(), "slipway-environments-"));
    try {
      // Stacks that promote need no source; without AWS they are rendered half a second faster.
      const { config } = parse(readFileSync("Pulumi.dev.yaml", "utf8"));
      const { repository } = config["slipway:release"];
      const environment = (stack: string, promoteFrom: string) => {
        config["slipway:release"] = { repository, promoteFrom, name: "v1.1" };
        writeFileSync(join(folder, `Pulumi.${stack}.yaml`), stringify({ config }));
      };
      environment("staging", "test");
      environment("prod", "staging");
      const program = resolve("commands/environments/environments.ts");
      const run = () => spawnSync(process.execPath, [program], { cwd: folder, encoding: "utf8" });
      const good = run();
      assert.equal(good.status, 0, good.stdout + good.stderr);
      config["slipway:web"].probes.live = "/alive";
      environment("prod", "staging");
      const bad = run();
      assert.equal(bad.status, 1, bad.stdout + bad.stderr);
      assert.match(
        bad.stdout,
        /NOT ALLOWED +Deployment web +…containers\[web\]\.livenessProbe\.httpGet\.path +\/health\/live +\/alive/,
      );
      assert.match(bad.stdout, /environments\/allowed\.ts/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
