import { readFileSync } from "node:fs";
import { readArguments, required } from "../cli/arguments.ts";
import { runMain } from "../cli/run-main.ts";
import { type Repository, repositoryOf } from "./github.ts";

const usage = `npm run comment -- PULL FILE
  PULL   number of the pull request
  FILE   the comment, as npm run review -- --output FILE writes it`;

/** First line of the comment, by which the next run finds it; GitHub does not show it. */
export const marker = "<!-- slipway: review -->";

/**
 * Shows a review in a pull request: creates a comment the first time, and updates it from then on. Updates only comments
 * of a bot, or, if the token is a person's, of that person: others may write the marker too.
 *
 * @returns the comment's address
 */
export async function showReview({ api, at }: Repository, pull: number, text: string): Promise<string> {
  const body = `${marker}\n${text}`;
  const comments = await api.paginate(api.issues.listComments, { ...at, issue_number: pull, per_page: 100 });
  const marked = comments.filter((each) => each.body?.startsWith(marker));
  const me = marked.some(({ user }) => user?.type !== "Bot") ? await userOf(api) : undefined;
  const ours = marked.find(({ user }) => me && user?.login === me) ?? marked.find(({ user }) => user?.type === "Bot");
  const { data } = ours
    ? await api.issues.updateComment({ ...at, comment_id: ours.id, body })
    : await api.issues.createComment({ ...at, issue_number: pull, body });
  return data.html_url;
}

/** Owner of the token; undefined for a job's token, which belongs to nobody. */
const userOf = (api: Repository["api"]): Promise<string | undefined> =>
  api.users.getAuthenticated().then(
    ({ data }) => data.login,
    () => undefined,
  );

async function main(): Promise<void> {
  const [pull, file] = readArguments(usage, { options: {}, most: 2 }).positionals;
  const number = Number(required(usage, "PULL", pull, "a number", /^[1-9]\d*$/));
  const text = readFileSync(required(usage, "FILE", file, "the path of a file"), "utf8");
  console.log(await showReview(repositoryOf(), number, text));
}

if (import.meta.main) await runMain(main);
