import { stackFiles } from "../../settings/stack-files.ts";
import { UserError } from "../../settings/user-error.ts";
import { runMain } from "../cli/run-main.ts";
import { checkAttestations } from "./attestations.ts";
import { type Deployed, releaseTable } from "./release-table.ts";
import { stackOutputs } from "./stack-outputs.ts";

/** npm run releases: shows which release runs where, and whether the registry still has what was recorded of it. */
async function main(): Promise<void> {
  const environments = await Promise.all(
    stackFiles().map(async ({ stack }): Promise<Deployed> => [stack, await stackOutputs(stack)]),
  );
  const findings = await checkAttestations(environments);
  console.log(releaseTable(environments, findings));
  const problems = [...findings.values()].flat();
  if (problems.length === 0) return;
  throw new UserError(
    `\nThe registry differs from what was recorded:\n${problems.map((problem) => `  ${problem}\n`).join("")}
pulumi up attaches missing attestations again, on the stack that built the release and as long as that names it.
For anything else find out who changed it, and release the source under a new name.`,
  );
}

if (import.meta.main) await runMain(main);
