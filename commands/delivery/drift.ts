import { stackFiles } from "../../settings/stack-files.ts";
import { UserError } from "../../settings/user-error.ts";
import { runMain } from "../cli/run-main.ts";
import { readPreviewFile } from "../preview/preview-file.ts";
import { commitsIn } from "../review/commits.ts";
import { asMarkdown } from "../review/markdown.ts";
import { type Review, reviewOf } from "../review/review.ts";
import { type Repository, repositoryOf } from "./github.ts";

const usage = `npm run drift -- FILE.json …
  FILE.json   what npm run preview -- -s STACK --drift --output FILE.json wrote; one that is not there counts as failed`;

/** Label of the issue. */
export const label = "drift";

/** Starts the issue, and is not shown. */
export const marker = "<!-- slipway: drift -->";

/**
 * Keeps one issue open for as long as what runs is not what was deployed, or that can't be told: opens it, brings it up
 * to date, and closes it once all is well.
 *
 * @returns a sentence
 * @throws UserError where the repository has no label of that name
 */
export async function tellDrift({ api, at }: Repository, review: Review): Promise<string> {
  const labels = await api.paginate(api.issues.listLabelsForRepo, { ...at, per_page: 100 });
  if (!labels.some(({ name }) => name === label))
    throw new UserError(
      `The repository has no label ${label}; no issue was opened or changed.\n  gh label create ${label}`,
    );
  const issues = await api.paginate(api.issues.listForRepo, { ...at, labels: label, state: "open", per_page: 100 });
  const open = issues.find(({ body }) => body?.startsWith(marker));
  const fine = review.sections.length === 0 && review.failed.length === 0;
  if (fine && !open) return `Nothing has changed outside Pulumi in ${review.environments.join(", ")}.`;
  if (fine && open) {
    await api.issues.update({ ...at, issue_number: open.number, state: "closed", state_reason: "completed" });
    return `Nothing is changed outside Pulumi any more: closed ${open.html_url}.`;
  }
  const issue = { ...at, title: "What runs is not what was deployed", body: `${marker}\n${asMarkdown(review)}` };
  const { data } = open
    ? await api.issues.update({ ...issue, issue_number: open.number })
    : await api.issues.create({ ...issue, labels: [label] });
  return `What runs is not what was deployed, or could not be told: ${data.html_url}`;
}

async function main(): Promise<void> {
  const files = process.argv.slice(2);
  if (files.length === 0) throw new UserError(`Which files?\n${usage}`);
  const stacks = stackFiles().map(({ stack }) => stack);
  console.log(await tellDrift(repositoryOf(), await reviewOf(files.map(readPreviewFile), stacks, commitsIn())));
}

if (import.meta.main) await runMain(main);
