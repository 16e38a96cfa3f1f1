import assert from "node:assert/strict";
import { reviewedPreview } from "../../../commands/delivery/reviewed.ts";
import { SimulatedGitHub } from "./simulated-github.ts";
import { userError } from "./user-error.ts";

const merged = "c".repeat(40);
const head = "d".repeat(40);
const name = `preview-staging-${head}`;
const run = { id: 71, head_sha: head, repository_id: 1, head_repository_id: 1 };

describe("npm run reviewed", () => {
  let github: SimulatedGitHub;
  beforeEach(async () => {
    github = await SimulatedGitHub.start();
    const pull = { number: 7, merge_commit_sha: merged, merged_at: "2026-01-02T03:04:05Z", head: { sha: head } };
    github.pullsOf[merged] = [{ ...pull, number: 6, merge_commit_sha: head }, pull];
  });
  afterEach(() => github.stop());
  const find = () => reviewedPreview(github.repository, "staging", merged);

  it("finds the newest preview of the merged pull request, at the merged commit", async () => {
    github.artifacts.push(
      { id: 1, name, expired: false, workflow_run: { ...run, id: 70 } },
      { id: 2, name, expired: false, workflow_run: run },
      { id: 3, name: `preview-prod-${head}`, expired: false, workflow_run: { ...run, id: 72 } },
    );
    assert.deepEqual(await find(), { run: 71, artifact: name });
  });

  const ignored: [string, object][] = [
    ["of a fork's run", { workflow_run: { ...run, head_repository_id: 2 } }],
    ["of another commit under this one's name", { workflow_run: { ...run, head_sha: "e".repeat(40) } }],
    ["that is expired", { expired: true }],
    ["that no run made", { workflow_run: null }],
  ];
  for (const [which, change] of ignored)
    it(`refuses a preview ${which}`, async () => {
      github.artifacts.push({ id: 1, name, expired: false, workflow_run: run, ...change });
      assert.match(
        await userError(find()),
        /No preview of staging is stored for pull request #7 at dddddddd; nothing was changed[\s\S]*Review it again/,
      );
    });

  it("refuses a commit that was pushed without a pull request, or whose pull request is not merged", async () => {
    for (const pulls of [[], [{ number: 7, merge_commit_sha: merged, merged_at: null, head: { sha: head } }]]) {
      github.pullsOf[merged] = pulls;
      const message = await userError(find());
      assert.match(
        message,
        /cccccccc merged no pull request, so no preview of staging was reviewed; nothing was changed/,
      );
    }
  });
});
