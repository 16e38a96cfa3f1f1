import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { textOf } from "../review/recorded.ts";
import { SimulatedGitHub } from "./simulated-github.ts";
import { SimulatedPrograms } from "./simulated-programs.ts";

const head = "d".repeat(40);

describe("The commands of delivery", () => {
  const programs = new SimulatedPrograms();
  let github: SimulatedGitHub;
  before(async () => {
    github = await SimulatedGitHub.start();
    programs.file("Pulumi.test.yaml", 'config: { "slipway:release": { name: v1.3 } }\n');
    const staging = 'config: { "slipway:release": { name: v1.2, promoteFrom: test } }\n';
    programs.file("Pulumi.staging.yaml", staging);
    github.onMain({ "Pulumi.staging.yaml": staging });
  });
  after(async () => {
    await github.stop();
    programs.remove();
  });

  /** Runs a command as a job does, in a checkout of its own. */
  const run = (script: string, args: string[], env: Record<string, string> = {}) =>
    new Promise<{ code: unknown; output: string }>((done) => {
      const options = { cwd: programs.folder, env: { ...process.env, ...github.environment, ...env } };
      const argv = [resolve("commands/delivery", script), ...args];
      execFile(process.execPath, argv, options, (error, stdout, stderr) =>
        done({ code: error?.code ?? 0, output: stdout + stderr }),
      );
    });

  it("comment.ts shows a review in a pull request", async () => {
    const { code, output } = await run("comment.ts", ["7", programs.file("review.md", "**No changes**")]);
    assert.deepEqual([code, output], [0, `${github.comments[0]?.html_url}\n`]);
    assert.match(github.comments[0]?.body, /\*\*No changes\*\*$/);
  });

  it("propose.ts proposes the release of a stack file", async () => {
    const { code, output } = await run("propose.ts", ["test"]);
    assert.deepEqual([code, output], [0, `Promote v1.3 to staging: ${github.pulls[0]?.html_url}\n`]);
  });

  it("reviewed.ts writes the location of the reviewed preview to the step's outputs", async () => {
    const name = `preview-staging-${head}`;
    const workflowRun = { id: 71, head_sha: head, repository_id: 1, head_repository_id: 1 };
    github.artifacts.push({ id: 1, name, expired: false, workflow_run: workflowRun });
    github.pullsOf[head] = [{ number: 7, merge_commit_sha: head, merged_at: "2026-01-02", head: { sha: head } }];
    const outputs = join(programs.folder, "outputs");
    const { code, output } = await run("reviewed.ts", ["staging", head], { GITHUB_OUTPUT: outputs });
    assert.deepEqual([code, output], [0, `staging: the reviewed preview is ${name}, of run 71.\n`]);
    assert.equal(readFileSync(outputs, "utf8"), `run=71\nartifact=${name}\n`);
    assert.match((await run("reviewed.ts", ["staging", "main"])).output, /^COMMIT is main; allowed: 40 hex digits/);
  });

  it("drift.ts opens an issue, and leaves it open if the job of a preview ended before it wrote one", async () => {
    const { code, output } = await run("drift.ts", [programs.file("prod.json", textOf("drift-alone"))]);
    const [issue] = github.issues;
    assert.equal(output, `What runs differs from what was deployed, or could not be checked: ${issue?.html_url}\n`);
    assert.equal(code, 0);
    await run("drift.ts", [programs.file("test.json", textOf("unchanged")), "drift/prod.json"]);
    assert.deepEqual([github.issues.length, issue?.state], [1, "open"]);
    assert.match(issue?.body, /The preview of `prod` fails[\s\S]*there is no drift\/prod\.json: the job /);
  });

  it("comment.ts exits with code 1 and one message if it is refused", async () => {
    const { code, output } = await run("comment.ts", ["7", "review.md"], { GITHUB_TOKEN: "" });
    assert.equal(code, 1);
    assert.match(output, /^GITHUB_TOKEN is missing/);
    assert.doesNotMatch(output, /\n +at /);
  });
});
