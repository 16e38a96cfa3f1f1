import { parse } from "yaml";
import { newestFirst } from "../../components/release/verified.ts";
import { previousOf, type StackFile, stackFiles } from "../../settings/stack-files.ts";
import { readArguments, required } from "../cli/arguments.ts";
import { runMain } from "../cli/run-main.ts";
import { withRelease } from "../releases/promote.ts";
import { type Repository, repositoryOf } from "./github.ts";

const usage = `npm run propose -- STACK [RELEASE]
  STACK     the stack that runs the release; it is proposed to each stack that promotes from there
  RELEASE   default: the release that the checked out Pulumi.STACK.yaml names`;

/** Workflows that a pull request needs, and whether they take its number. A job's own token does not start them. */
const workflows = { "tests.yml": false, "previews.yml": true } as const;

/**
 * Proposes a release to every stack that promotes from another one. Opens a pull request that changes one line of the stack
 * file, or updates the one that is open, and starts its tests and previews. If the stack has that release or a newer one,
 * closes the open pull request instead.
 *
 * @returns a sentence for each stack
 */
export async function propose(
  repository: Repository,
  files: readonly StackFile[],
  from: string,
  release: string,
): Promise<string[]> {
  const sentences: string[] = [];
  for (const file of files.filter((each) => previousOf(each) === from))
    sentences.push(await proposeTo(repository, file, from, release));
  return sentences.length > 0 ? sentences : [`No stack promotes from ${from}; ${release} is proposed to none.`];
}

async function proposeTo({ api, at }: Repository, { stack, path }: StackFile, from: string, release: string) {
  const { default_branch: base } = (await api.repos.get(at)).data;
  const { sha } = (await api.git.getRef({ ...at, ref: `heads/${base}` })).data.object;
  // The checkout may be older than the default branch.
  const raw = await api.repos.getContent({ ...at, path, ref: sha, mediaType: { format: "raw" } });
  const text = String(raw.data);
  const before: string | undefined = parse(text)?.config?.["slipway:release"]?.name;

  const branch = `promote-${stack}`;
  const open = (await api.pulls.list({ ...at, head: `${at.owner}:${branch}`, base, state: "open" })).data[0];
  if (before !== undefined && isNotNewer(release, before)) {
    if (open) await api.pulls.update({ ...at, pull_number: open.number, state: "closed" });
    return `${stack} has ${before} already, so ${release} is not proposed to it${open ? `; closed ${open.html_url}` : ""}.`;
  }

  const title = `Promote ${release} to ${stack}`;
  // The branch moves in one step, because GitHub closes the pull request of a branch without a commit of its own.
  const head = await commit({ api, at }, sha, path, withRelease(text, release), title);
  const refs = (await api.git.listMatchingRefs({ ...at, ref: `heads/${branch}` })).data;
  if (refs.some(({ ref }) => ref === `refs/heads/${branch}`))
    await api.git.updateRef({ ...at, ref: `heads/${branch}`, sha: head, force: true });
  else await api.git.createRef({ ...at, ref: `refs/heads/${branch}`, sha: head });

  const body = description(stack, from, before, release);
  const { data: pull } = open
    ? await api.pulls.update({ ...at, pull_number: open.number, title, body })
    : await api.pulls.create({ ...at, head: branch, base, title, body });
  for (const [workflow_id, takesPull] of Object.entries(workflows)) {
    const inputs = takesPull ? { pull: String(pull.number) } : undefined;
    await api.actions.createWorkflowDispatch({ ...at, workflow_id, ref: branch, inputs });
  }
  return `${title}: ${pull.html_url}`;
}

/** Creates a commit that changes one file. @returns its hash */
async function commit({ api, at }: Repository, parent: string, path: string, content: string, message: string) {
  const { tree } = (await api.git.getCommit({ ...at, commit_sha: parent })).data;
  const blob = { path, mode: "100644", type: "blob", content } as const;
  const { sha } = (await api.git.createTree({ ...at, base_tree: tree.sha, tree: [blob] })).data;
  return (await api.git.createCommit({ ...at, message, tree: sha, parents: [parent] })).data.sha;
}

const isNotNewer = (release: string, before: string): boolean =>
  newestFirst({ [release]: true, [before]: true })[0] === before;

const description = (stack: string, from: string, before: string | undefined, release: string): string =>
  `**Why.** ${release} serves in ${from}, and is verified there. ${stack} has ${before ?? "no release so far"}.

**Preview.** In the comment below. A merge gives ${stack} exactly what was previewed, or nothing.

**Data risk.** The first line of the comment.

**Rollback.** Revert this pull request: the image of ${before ?? "the release before"} comes back without a build.
`;

/** Reads the stack and the release from the command line, or the release from the stack file. @throws UserError if one is missing */
export function chooseRelease(files: readonly StackFile[], args?: readonly string[]) {
  const [from, wanted] = readArguments(usage, { options: {}, most: 2 }, args).positionals;
  const stacks = files.map(({ stack }) => stack);
  const stack = required(usage, "STACK", from, stacks.join(", "), new RegExp(`^(${stacks.join("|")})$`));
  const named: string | undefined = files.find((file) => file.stack === stack)?.config["slipway:release"]?.name;
  const release = required(usage, "RELEASE", wanted ?? named, `a name; Pulumi.${stack}.yaml has none`);
  return { from: stack, release };
}

async function main(): Promise<void> {
  const files = stackFiles();
  const { from, release } = chooseRelease(files);
  for (const sentence of await propose(repositoryOf(), files, from, release)) console.log(sentence);
}

if (import.meta.main) await runMain(main);
