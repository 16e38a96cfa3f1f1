import { Octokit } from "@octokit/rest";
import { UserError } from "../../settings/user-error.ts";

/** Repository on GitHub, with a client that has access to it. */
export interface Repository {
  readonly api: Octokit;
  /** Owner and name: arguments of every call. */
  readonly at: { readonly owner: string; readonly repo: string };
}

/**
 * Connects to the repository of the running job.
 *
 * @param env GITHUB_TOKEN, GITHUB_REPOSITORY (as in team/noticeboard), and GITHUB_API_URL, which is optional
 * @throws UserError if one is missing; each call of the client throws one if GitHub refuses it
 */
export function repositoryOf(env: NodeJS.ProcessEnv = process.env): Repository {
  const { GITHUB_TOKEN: token, GITHUB_REPOSITORY: name = "", GITHUB_API_URL: baseUrl } = env;
  const [, owner, repo] = /^([^/]+)\/([^/]+)$/.exec(name) ?? [];
  if (!token) throw new UserError(missing("GITHUB_TOKEN is missing: a token with access to the repository"));
  if (!owner || !repo) throw new UserError(missing(`GITHUB_REPOSITORY is ${name || "missing"}; allowed: OWNER/NAME`));
  // The hook below reports failures; the client would log them as well.
  const silent = () => {};
  const log = { debug: silent, info: silent, warn: console.warn, error: silent };
  const api = new Octokit({ auth: token, baseUrl, log });
  api.hook.error("request", (error, { method, url }) => {
    throw new UserError(
      `GitHub refused a request: ${method} ${url}\n  It says: ${error.message}\n` +
        "  The job's permissions say what its token may do. Earlier requests were carried out; the command can be run again.",
    );
  });
  return { api, at: { owner, repo } };
}

const missing = (problem: string): string =>
  `${problem}; nothing was changed.
  In a workflow:  env: { GITHUB_TOKEN: \${{ github.token }} }
  By hand:        GITHUB_TOKEN=$(gh auth token) GITHUB_REPOSITORY=OWNER/NAME`;
