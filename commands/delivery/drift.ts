import { stackFiles } from "../../settings/stack-files.ts";
import { UserError } from "../../settings/user-error.ts";
import { readArguments, required } from "../cli/arguments.ts";
import { runMain } from "../cli/run-main.ts";
import { readPreviewFile } from "../preview/preview-file.ts";
import { commitsIn } from "../review/commits.ts";
import { asMarkdown } from "../review/markdown.ts";
import { type Review, reviewOf } from "../review/review.ts";
import { type Repository, repositoryOf } from "./github.ts";

const usage = `npm run drift -- FILE.json …
  FILE.json   what npm run preview -- -s STACK --drift --output FILE.json wrote; a missing file counts as failed`;

/** Label of the issue. */
export const label = "drift";

/** First line of the issue, by which the next run finds it; GitHub does not show it. */
export const marker = "<!-- slipway: drift -->";

/**
 * Keeps one issue open while environments differ from what was deployed, or can't be checked. Opens the issue, updates it,
 * and closes it once nothing differs.
 *
 * @returns a sentence about what was done
 * @throws UserError if the repository lacks the label
 */
export async function reportDrift({ api, at }: Repository, review: Review): Promise<string> {
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
    return `Nothing differs from what was deployed any more: closed ${open.html_url}.`;
  }
  const issue = { ...at, title: "What runs differs from what was deployed", body: `${marker}\n${asMarkdown(review)}` };
  const { data } = open
    ? await api.issues.update({ ...issue, issue_number: open.number })
    : await api.issues.create({ ...issue, labels: [label] });
  return `What runs differs from what was deployed, or could not be checked: ${data.html_url}`;
}

async function main(): Promise<void> {
  const { positionals: files } = readArguments(usage, { options: {}, most: Infinity });
  required(usage, "FILE.json", files[0], "paths of previews");
  const stacks = stackFiles().map(({ stack }) => stack);
  console.log(await reportDrift(repositoryOf(), await reviewOf(files.map(readPreviewFile), stacks, commitsIn())));
}

if (import.meta.main) await runMain(main);
