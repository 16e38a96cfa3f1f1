import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

describe("npm run kubeconfig", () => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-kubeconfig-"));
  after(() => rmSync(folder, { recursive: true }));
  const [variables, file] = [join(folder, "variables"), join(folder, "kubeconfig")];
  const run = (env: object) =>
    spawnSync(process.execPath, ["commands/delivery/kubeconfig.ts"], {
      encoding: "utf8",
      env: { ...process.env, RUNNER_TEMP: folder, GITHUB_ENV: variables, ...env },
    });

  it("writes a file that nobody else can read, sets KUBECONFIG for later steps, and prints nothing", () => {
    const { stdout, stderr } = run({ KUBECONFIG_CONTENT: "a secret" });
    assert.equal(stdout + stderr, "");
    assert.equal(readFileSync(file, "utf8"), "a secret");
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(readFileSync(variables, "utf8"), `KUBECONFIG=${file}\n`);
  });

  it("says which variable is missing", () => {
    rmSync(file);
    const { status, stderr } = run({ KUBECONFIG_CONTENT: "" });
    assert.deepEqual([status, existsSync(file)], [1, false]);
    assert.match(stderr, /KUBECONFIG_CONTENT is missing/);
    assert.match(run({ KUBECONFIG_CONTENT: "a", GITHUB_ENV: "" }).stderr, /a step of a workflow/);
  });
});
