import { execFileSync } from "node:child_process";
import { stackFiles } from "../../settings/stack-files.ts";
import { runMain } from "../cli/run-main.ts";
import { choose, write } from "./promote.ts";
import { outputsOf } from "./stack-outputs.ts";

/** npm run promote -- STACK [RELEASE]: writes the newest verified release, or the one that is asked for, into a stack file. */
await runMain(async () => {
  const [stack, wanted] = process.argv.slice(2);
  const promotion = await choose(stackFiles(), stack, wanted, async (from) => (await outputsOf(from))?.verified);
  const { file, from, before, after } = promotion;
  if (before === after)
    return console.log(`Pulumi.${stack}.yaml names ${after} already: the newest that ${from} has verified.`);
  write(promotion);
  console.log(`Pulumi.${stack}.yaml: release ${before ?? "none"} -> ${after}, verified in ${from}.\n`);
  console.log(execFileSync("git", ["diff", "--unified=0", "--", file.path], { encoding: "utf8" }));
  console.log(`Next:
  pulumi preview --stack ${stack}      what it would change
  git commit -m "Promote ${after} to ${stack}" -- ${file.path}
  pulumi up --stack ${stack}           or a pull request, where CI deploys
Back: git revert that commit.`);
});
