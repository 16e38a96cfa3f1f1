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
      env: { ...process.env, ...env },
    });

  it("gives it to the later steps, in a file that nobody else reads, and shows nothing of it", () => {
    const { stdout, stderr } = run({ KUBECONFIG_CONTENT: "a secret", RUNNER_TEMP: folder, GITHUB_ENV: variables });
    assert.equal(stdout + stderr, "");
    assert.equal(readFileSync(file, "utf8"), "a secret");
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(readFileSync(variables, "utf8"), `KUBECONFIG=${file}\n`);
  });

  it("says what is missing", () => {
    rmSync(file);
    const { status, stderr } = run({ KUBECONFIG_CONTENT: "", RUNNER_TEMP: folder, GITHUB_ENV: variables });
    assert.deepEqual([status, existsSync(file)], [1, false]);
    assert.match(stderr, /KUBECONFIG_CONTENT is missing/);
    assert.match(run({ KUBECONFIG_CONTENT: "a", RUNNER_TEMP: "", GITHUB_ENV: "" }).stderr, /a step of a workflow/);
  });
});
