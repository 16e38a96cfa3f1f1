import { readFileSync, writeFileSync } from "node:fs";
import { previousOf, type StackFile, stackFiles } from "../../settings/stack-files.ts";
import { UserError } from "../../settings/user-error.ts";
import { runMain } from "../cli/run-main.ts";
import { withRelease } from "../releases/promote.ts";
import { update } from "./apply.ts";

const usage = `npm run release -- STACK RELEASE
  STACK     one that builds its image
  RELEASE   a name that was never used, as in v1.17`;

/**
 * Builds what is checked out as a release, and deploys it: once it serves, it is verified. The name is written into the
 * stack file of this checkout alone.
 *
 * @returns the exit code of `pulumi up`
 * @throws UserError where the stack promotes, or the name is none
 */
export async function release(files: readonly StackFile[], stack: string, name: string): Promise<number> {
  const file = files.find((each) => each.stack === stack);
  const builders = files.filter((each) => !previousOf(each)).map((each) => each.stack);
  if (!file) throw new UserError(`STACK is ${stack || "missing"}; allowed: ${builders.join(", ")}\n${usage}`);
  const from = previousOf(file);
  if (from)
    throw new UserError(
      `${stack} runs what ${from} has verified, and builds nothing; nothing was changed.\n  npm run promote -- ${stack}`,
    );
  if (!/^v\d+\.\d+$/.test(name)) throw new UserError(`RELEASE is ${name || "missing"}; allowed: as v1.17\n${usage}`);
  writeFileSync(file.path, withRelease(readFileSync(file.path, "utf8"), name));
  return update(stack);
}

if (import.meta.main)
  await runMain(async () => {
    const [stack = "", name = ""] = process.argv.slice(2);
    process.exitCode = await release(stackFiles(), stack, name);
  });
