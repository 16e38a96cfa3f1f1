import { Octokit } from "@octokit/rest";
import { UserError } from "../../settings/user-error.ts";

/** A repository on GitHub, as a job's token reaches it. */
export interface Repository {
  readonly api: Octokit;
  /** Whose it is, and what it is called: arguments of every call. */
  readonly at: { readonly owner: string; readonly repo: string };
}

/**
 * The repository of the job that runs; by hand, any that the variables name.
 *
 * @param env GITHUB_TOKEN, GITHUB_REPOSITORY (as in team/noticeboard), and GITHUB_API_URL. Default of that: GitHub's own
 * @throws UserError where one is missing; and, from each call, where GitHub refuses it
 */
export function repositoryOf(env: NodeJS.ProcessEnv = process.env): Repository {
  const { GITHUB_TOKEN: token, GITHUB_REPOSITORY: name = "", GITHUB_API_URL: baseUrl } = env;
  const [, owner, repo] = /^([^/]+)\/([^/]+)$/.exec(name) ?? [];
  if (!token) throw new UserError(missing("GITHUB_TOKEN is missing: what GitHub lets in"));
  if (!owner || !repo) throw new UserError(missing(`GITHUB_REPOSITORY is ${name || "missing"}: it is OWNER/NAME`));
  const quiet = () => {};
  // What fails is said once, below.
  const log = { debug: quiet, info: quiet, warn: console.warn, error: quiet };
  const api = new Octokit({ auth: token, baseUrl, log });
  api.hook.error("request", (error, { method, url }) => {
    throw new UserError(
      `GitHub did not do it: ${method} ${url}\n  It says: ${error.message}\n` +
        "  What the token may do stands in the job's permissions. What came before this stays; the command can be run again.",
    );
  });
  return { api, at: { owner, repo } };
}

const missing = (problem: string): string =>
  `${problem}; nothing was changed.
  In a workflow:  env: { GITHUB_TOKEN: \${{ github.token }} }
  By hand:        GITHUB_TOKEN=$(gh auth token) GITHUB_REPOSITORY=OWNER/NAME`;
