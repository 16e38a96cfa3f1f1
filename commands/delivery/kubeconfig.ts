import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../settings/user-error.ts";
import { runMain } from "../cli/run-main.ts";

/**
 * npm run kubeconfig: puts the secret KUBECONFIG_CONTENT of a GitHub environment where the job's later steps find it, in a
 * file for this user alone. For clusters that are named by a context; those of Amazon's need none.
 */
await runMain(() => {
  const { KUBECONFIG_CONTENT: content, RUNNER_TEMP: folder, GITHUB_ENV: variables } = process.env;
  if (!content) throw new UserError("KUBECONFIG_CONTENT is missing: the text of a kubeconfig.");
  if (!folder || !variables)
    throw new UserError("RUNNER_TEMP and GITHUB_ENV are missing: this is a step of a workflow.");
  const path = join(folder, "kubeconfig");
  writeFileSync(path, content, { mode: 0o600 });
  appendFileSync(variables, `KUBECONFIG=${path}\n`);
});
