import { appendFileSync } from "node:fs";
import { UserError } from "../../settings/user-error.ts";
import { runMain } from "../cli/run-main.ts";
import { type Repository, repositoryOf } from "./github.ts";

const usage = `npm run reviewed -- STACK COMMIT
  STACK    the stack whose reviewed preview is looked for
  COMMIT   what was merged: the full name of the newest commit of the default branch`;

/** Where GitHub keeps a preview. */
export interface Kept {
  /** Number of the workflow's run. */
  readonly run: number;
  /** Name of the artifact in it. */
  readonly artifact: string;
}

/**
 * Finds the preview that was reviewed before a commit was merged: of the pull request that it merged, in the state in
 * which that was merged, made by a run of this repository. A fork's run may call its artifacts what it likes.
 *
 * @throws UserError where the commit merged no pull request, or its preview is not kept any more
 */
export async function reviewedPreview({ api, at }: Repository, stack: string, sha: string): Promise<Kept> {
  const { data: pulls } = await api.repos.listPullRequestsAssociatedWithCommit({ ...at, commit_sha: sha });
  const pull = pulls.find((each) => each.merge_commit_sha === sha && each.merged_at);
  if (!pull)
    throw new UserError(
      `${sha.slice(0, 8)} merged no pull request, so no preview of ${stack} was reviewed; nothing was changed.\n` +
        "  Revert it, and open a pull request with the same change.",
    );
  const head = pull.head.sha;
  const artifact = `preview-${stack}-${head}`;
  const { data } = await api.actions.listArtifactsForRepo({ ...at, name: artifact, per_page: 100 });
  const ours = data.artifacts.filter(({ expired, workflow_run: run }) => {
    return !expired && run?.head_sha === head && run.repository_id === run.head_repository_id;
  });
  const run = ours.toSorted((a, b) => b.id - a.id)[0]?.workflow_run?.id;
  if (run === undefined)
    throw new UserError(
      `No preview of ${stack} is kept of pull request #${pull.number} at ${head.slice(0, 8)}; nothing was changed.\n` +
        "  Previews are kept for 30 days, and a fork's are not taken.\n" +
        "  Review it anew: revert the merge, and open a pull request that reverts the revert.",
    );
  return { run, artifact };
}

async function main(): Promise<void> {
  const [stack, sha = ""] = process.argv.slice(2);
  if (!stack) throw new UserError(`STACK is missing.\n${usage}`);
  if (!/^[0-9a-f]{40}$/.test(sha))
    throw new UserError(`COMMIT is ${sha || "missing"}; allowed: 40 hex digits\n${usage}`);
  const { run, artifact } = await reviewedPreview(repositoryOf(), stack, sha);
  console.log(`${stack}: reviewed was ${artifact}, of run ${run}.`);
  const { GITHUB_OUTPUT: outputs } = process.env;
  if (outputs) appendFileSync(outputs, `run=${run}\nartifact=${artifact}\n`);
}

if (import.meta.main) await runMain(main);
