import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { UserError } from "../../settings/user-error.ts";
import { runMain } from "../cli/run-main.ts";
import { type Repository, repositoryOf } from "./github.ts";

const usage = `npm run comment -- PULL FILE
  PULL   number of the pull request
  FILE   the comment, as npm run review -- --output FILE writes it`;

/** Starts the comment, and is not shown: what the next one finds it by. */
export const marker = "<!-- slipway: review -->";

/**
 * Shows a review in a pull request: the first time as a new comment, from then on in the same one.
 * Only a comment of a program's, or by hand one of whose token it is, is taken for ours: whoever else writes the marker
 * keeps theirs.
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

/** Whose token it is; undefined for a job's, which is nobody's. */
const userOf = (api: Repository["api"]): Promise<string | undefined> =>
  api.users.getAuthenticated().then(
    ({ data }) => data.login,
    () => undefined,
  );

/** Reads the command line. @throws UserError with the usage where it is not as it should be */
export function readRequest(args: readonly string[]): { readonly pull: number; readonly file: string } {
  const [pull = "", file, ...more] = parseArgs({ args: [...args], allowPositionals: true, strict: false }).positionals;
  if (!/^[1-9]\d*$/.test(pull)) throw new UserError(`PULL is ${pull || "missing"}; allowed: a number\n${usage}`);
  if (!file || more.length > 0) throw new UserError(`One FILE is needed.\n${usage}`);
  return { pull: Number(pull), file };
}

async function main(): Promise<void> {
  const { pull, file } = readRequest(process.argv.slice(2));
  console.log(await showReview(repositoryOf(), pull, readFileSync(file, "utf8")));
}

if (import.meta.main) await runMain(main);
