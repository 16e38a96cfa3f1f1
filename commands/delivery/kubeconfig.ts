import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../settings/user-error.ts";
import { runMain } from "../cli/run-main.ts";

/**
 * npm run kubeconfig: writes the secret KUBECONFIG_CONTENT to a file that only this user can read, and sets KUBECONFIG for
 * the job's later steps. Clusters in Amazon EKS need none.
 */
function main(): void {
  const { KUBECONFIG_CONTENT: content, RUNNER_TEMP: folder, GITHUB_ENV: variables } = process.env;
  if (!content) throw new UserError("KUBECONFIG_CONTENT is missing: the text of a kubeconfig.");
  if (!folder || !variables)
    throw new UserError("RUNNER_TEMP and GITHUB_ENV are missing: this command is a step of a workflow.");
  const path = join(folder, "kubeconfig");
  writeFileSync(path, content, { mode: 0o600 });
  appendFileSync(variables, `KUBECONFIG=${path}\n`);
}

if (import.meta.main) await runMain(main);
