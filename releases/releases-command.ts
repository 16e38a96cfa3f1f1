import { stackFiles, tell } from "./stack-files.ts";
import { outputsOf } from "./stack-outputs.ts";
import { type Deployed, table } from "./table.ts";

/** npm run releases: which release runs where, and what was verified. */
await tell(async () => {
  const stacks = stackFiles().map(({ stack }) => stack);
  const environments = await Promise.all(
    stacks.map(async (stack): Promise<Deployed> => [stack, await outputsOf(stack)]),
  );
  console.log(table(environments));
});
