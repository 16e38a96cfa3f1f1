import assert from "node:assert/strict";
import { reviewedPreview } from "../../../commands/delivery/reviewed.ts";
import { refusal } from "./refusal.ts";
import { SimulatedGitHub } from "./simulated-github.ts";

const merged = "c".repeat(40);
const head = "d".repeat(40);
const name = `preview-staging-${head}`;
const run = { id: 71, head_sha: head, repository_id: 1, head_repository_id: 1 };

describe("npm run reviewed", () => {
  let github: SimulatedGitHub;
  beforeEach(async () => {
    github = new SimulatedGitHub();
    await github.start();
    const pull = { number: 7, merge_commit_sha: merged, merged_at: "2026-01-02T03:04:05Z", head: { sha: head } };
    github.pullsOf[merged] = [{ ...pull, number: 6, merge_commit_sha: head }, pull];
  });
  afterEach(() => github.stop());
  const found = () => reviewedPreview(github.repository, "staging", merged);

  it("finds the newest preview of the pull request that was merged, as it was merged", async () => {
    github.artifacts.push(
      { id: 1, name, expired: false, workflow_run: { ...run, id: 70 } },
      { id: 2, name, expired: false, workflow_run: run },
      { id: 3, name: `preview-prod-${head}`, expired: false, workflow_run: { ...run, id: 72 } },
    );
    assert.deepEqual(await found(), { run: 71, artifact: name });
  });

  const others: [string, object][] = [
    ["that is a fork's", { workflow_run: { ...run, head_repository_id: 2 } }],
    ["of another commit under this one's name", { workflow_run: { ...run, head_sha: "e".repeat(40) } }],
    ["that is not kept any more", { expired: true }],
    ["that no run made", { workflow_run: null }],
  ];
  for (const [what, change] of others)
    it(`takes none ${what}`, async () => {
      github.artifacts.push({ id: 1, name, expired: false, workflow_run: run, ...change });
      const said = await refusal(found());
      assert.match(said, /No preview of staging is kept of pull request #7 at dddddddd; nothing was changed/);
      assert.match(said, /Review it anew/);
    });

  it("refuses what was pushed without a pull request, or is not merged yet", async () => {
    const says = /cccccccc merged no pull request, so no preview of staging was reviewed; nothing was changed/;
    github.pullsOf[merged] = [];
    assert.match(await refusal(found()), says);
    github.pullsOf[merged] = [{ number: 7, merge_commit_sha: merged, merged_at: null, head: { sha: head } }];
    assert.match(await refusal(found()), says);
  });
});
