import { parseArgs } from "node:util";
import { parse } from "yaml";
import { newestFirst } from "../../components/release/verified.ts";
import { previousOf, type StackFile, stackFiles } from "../../settings/stack-files.ts";
import { UserError } from "../../settings/user-error.ts";
import { runMain } from "../cli/run-main.ts";
import { withRelease } from "../releases/promote.ts";
import { type Repository, repositoryOf } from "./github.ts";

const usage = `npm run propose -- STACK [RELEASE]
  STACK     the stack in which the release serves: it is proposed to each that promotes from there
  RELEASE   default: what the checked out Pulumi.STACK.yaml names`;

/** Workflows that a pull request needs. What a job's own token does starts none by itself, except by being asked. */
const workflows = { "tests.yml": false, "previews.yml": true } as const;

/**
 * Proposes a release to every stack that promotes from another: a pull request that changes one line of its stack file,
 * the same one again for each later release, with its tests and previews started. Older than what is there already,
 * it is not proposed; what is proposed then, is no more.
 *
 * @returns a sentence for each stack
 */
export async function propose(
  repository: Repository,
  files: readonly StackFile[],
  from: string,
  release: string,
): Promise<string[]> {
  const said: string[] = [];
  for (const file of files.filter((each) => previousOf(each) === from))
    said.push(await proposeTo(repository, file, from, release));
  return said.length > 0 ? said : [`No stack promotes from ${from}: ${release} has arrived.`];
}

async function proposeTo({ api, at }: Repository, { stack, path }: StackFile, from: string, release: string) {
  const { default_branch: base } = (await api.repos.get(at)).data;
  const { sha } = (await api.git.getRef({ ...at, ref: `heads/${base}` })).data.object;
  // As it is now: the checkout may be older than what was merged since.
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
  // In one step: a branch without a commit of its own would close its pull request.
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

/** A commit that changes one file. @returns its name */
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

**Preview.** In the comment below. Merged, ${stack} gets what was previewed, or nothing.

**Data risk.** The comment's first line says it.

**Rollback.** Revert this pull request: the image of ${before ?? "the release before"} comes back without a build.
`;

/** Reads the command line. @throws UserError with the usage where it is not as it should be */
export function readRequest(args: readonly string[], files: readonly StackFile[]) {
  const { positionals } = parseArgs({ args: [...args], allowPositionals: true, strict: false });
  const [from, wanted] = positionals;
  const file = files.find(({ stack }) => stack === from);
  const known = files.map(({ stack }) => stack).join(", ");
  if (!file) throw new UserError(`STACK is ${from ?? "missing"}; allowed: ${known}\n${usage}`);
  const release: string | undefined = wanted ?? file.config["slipway:release"]?.name;
  if (!release) throw new UserError(`${file.path} names no release, so say which.\n${usage}`);
  return { from: file.stack, release };
}

async function main(): Promise<void> {
  const files = stackFiles();
  const { from, release } = readRequest(process.argv.slice(2), files);
  for (const sentence of await propose(repositoryOf(), files, from, release)) console.log(sentence);
}

if (import.meta.main) await runMain(main);
