import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { textOf } from "../review/recorded.ts";
import { SimulatedGitHub } from "./simulated-github.ts";
import { SimulatedPrograms } from "./simulated-programs.ts";

const head = "d".repeat(40);

describe("The commands of delivery", () => {
  const github = new SimulatedGitHub();
  const programs = new SimulatedPrograms();
  before(async () => {
    await github.start();
    const release = "{ name: v1.2, promoteFrom: test }";
    programs.file("Pulumi.test.yaml", 'config: { "slipway:release": { name: v1.3 } }\n');
    programs.file("Pulumi.staging.yaml", `config: { "slipway:release": ${release} }\n`);
    github.onMain({ "Pulumi.staging.yaml": `config: { "slipway:release": ${release} }\n` });
  });
  after(async () => {
    await github.stop();
    programs.remove();
  });

  /** Runs a command as a job would, in a checkout of its own. */
  const run = (script: string, args: string[], env: Record<string, string> = {}) =>
    new Promise<{ code: unknown; output: string }>((done) => {
      const options = { cwd: programs.folder, env: { ...process.env, ...github.environment, ...env } };
      execFile(process.execPath, [resolve("commands/delivery", script), ...args], options, (error, stdout, stderr) =>
        done({ code: error?.code ?? 0, output: stdout + stderr }),
      );
    });

  it("show a review in a pull request", async () => {
    const { code, output } = await run("comment.ts", ["7", programs.file("review.md", "**No changes**")]);
    assert.deepEqual([code, output], [0, `${github.comments[0]?.html_url}\n`]);
    assert.match(github.comments[0]?.body, /\*\*No changes\*\*$/);
  });

  it("propose what a stack file names", async () => {
    const { code, output } = await run("propose.ts", ["test"]);
    assert.deepEqual([code, output], [0, `Promote v1.3 to staging: ${github.pulls[0]?.html_url}\n`]);
  });

  it("hand on where the reviewed preview is", async () => {
    const name = `preview-staging-${head}`;
    const made = { id: 71, head_sha: head, repository_id: 1, head_repository_id: 1 };
    github.artifacts.push({ id: 1, name, expired: false, workflow_run: made });
    github.pullsOf[head] = [{ number: 7, merge_commit_sha: head, merged_at: "2026-01-02", head: { sha: head } }];
    const outputs = join(programs.folder, "outputs");
    const { code, output } = await run("reviewed.ts", ["staging", head], { GITHUB_OUTPUT: outputs });
    assert.deepEqual([code, output], [0, `staging: reviewed was ${name}, of run 71.\n`]);
    assert.equal(readFileSync(outputs, "utf8"), `run=71\nartifact=${name}\n`);
    assert.match((await run("reviewed.ts", ["staging", "main"])).output, /^COMMIT is main; allowed: 40 hex digits/);
  });

  it("tell of drift", async () => {
    const { code, output } = await run("drift.ts", [programs.file("prod.json", textOf("drift-alone"))]);
    assert.deepEqual(
      [code, output],
      [0, `What runs is not what was deployed, or could not be told: ${github.issues[0]?.html_url}\n`],
    );
  });

  it("leave the issue open where a preview is missing: its job ended before it wrote one", async () => {
    const { code } = await run("drift.ts", [programs.file("test.json", textOf("unchanged")), "drift/prod.json"]);
    assert.equal(code, 0);
    assert.deepEqual(
      github.issues.map(({ state }) => state),
      ["open"],
    );
    assert.match(github.issues[0]?.body, /The preview of `prod` fails[\s\S]*there is no drift\/prod\.json: the job /);
  });

  it("end with exit code 1 and one message where they are refused", async () => {
    const { code, output } = await run("comment.ts", ["7", "review.md"], { GITHUB_TOKEN: "" });
    assert.equal(code, 1);
    assert.match(output, /^GITHUB_TOKEN is missing/);
    assert.doesNotMatch(output, /\n +at /);
  });
});
