import { appendFileSync } from "node:fs";
import { UserError } from "../../settings/user-error.ts";
import { readArguments, required } from "../cli/arguments.ts";
import { runMain } from "../cli/run-main.ts";
import { type Repository, repositoryOf } from "./github.ts";

const usage = `npm run reviewed -- STACK COMMIT
  STACK    stack of the reviewed preview
  COMMIT   full hash of the merge, the newest commit of the default branch`;

/** Location of a preview on GitHub. */
export interface StoredPreview {
  /** Id of the workflow's run. */
  readonly run: number;
  /** Name of the artifact. */
  readonly artifact: string;
}

/**
 * Finds the preview that was reviewed before a merge: of the merged pull request, at its last commit, and from a run of this
 * repository. A fork's run could give its artifacts any name.
 *
 * @throws UserError if the commit merged no pull request, or the preview is not stored any more
 */
export async function reviewedPreview({ api, at }: Repository, stack: string, sha: string): Promise<StoredPreview> {
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
      `No preview of ${stack} is stored for pull request #${pull.number} at ${head.slice(0, 8)}; nothing was changed.\n` +
        "  Previews are stored for 30 days, and a fork's are ignored.\n" +
        "  Review it again: revert the merge, and open a pull request that reverts the revert.",
    );
  return { run, artifact };
}

async function main(): Promise<void> {
  const [first, second] = readArguments(usage, { options: {}, most: 2 }).positionals;
  const stack = required(usage, "STACK", first, "the name of a stack");
  const sha = required(usage, "COMMIT", second, "40 hex digits", /^[0-9a-f]{40}$/);
  const { run, artifact } = await reviewedPreview(repositoryOf(), stack, sha);
  console.log(`${stack}: the reviewed preview is ${artifact}, of run ${run}.`);
  const { GITHUB_OUTPUT: outputs } = process.env;
  if (outputs) appendFileSync(outputs, `run=${run}\nartifact=${artifact}\n`);
}

if (import.meta.main) await runMain(main);
