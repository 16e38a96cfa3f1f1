import { stackFiles } from "../../settings/stack-files.ts";
import { UserError } from "../../settings/user-error.ts";
import { runMain } from "../cli/run-main.ts";
import { checkAttestations } from "./attestations.ts";
import { type Deployed, releaseTable } from "./release-table.ts";
import { stackOutputs } from "./stack-outputs.ts";

/** npm run releases: which release runs where, what was verified, and whether the registry has what was recorded of it. */
await runMain(async () => {
  const stacks = stackFiles().map(({ stack }) => stack);
  const environments = await Promise.all(
    stacks.map(async (stack): Promise<Deployed> => [stack, await stackOutputs(stack)]),
  );
  const findings = await checkAttestations(environments);
  console.log(releaseTable(environments, findings));
  const problems = [...findings.values()].flat();
  if (problems.length === 0) return;
  throw new UserError(
    `\nWhat the registry has is not what was recorded:\n${problems.map((problem) => `  ${problem}\n`).join("")}
Missing records are attached again by pulumi up, on the stack that built the release and as long as that names it.
For anything else find out who changed it, and release the source under a new name.`,
  );
});
