import { previousOf, type StackFile, stackFiles } from "../../settings/stack-files.ts";
import { UserError } from "../../settings/user-error.ts";
import { readArguments, required } from "../cli/arguments.ts";
import { runMain } from "../cli/run-main.ts";
import { writeRelease } from "../releases/promote.ts";
import { update } from "./apply.ts";

const usage = `npm run release -- STACK RELEASE
  STACK     a stack that builds its image
  RELEASE   a new name, as in v1.17`;

/**
 * Builds the checked out source as a release, and deploys it; the update verifies it. Writes the name into this checkout's
 * stack file only.
 *
 * @returns the exit code of `pulumi up`
 * @throws UserError if the stack promotes, or the name has the wrong form
 */
export async function release(files: readonly StackFile[], stack?: string, name?: string): Promise<number> {
  const file = files.find((each) => each.stack === stack);
  const from = file && previousOf(file);
  if (from)
    throw new UserError(
      `${stack} runs what ${from} has verified, and builds nothing; nothing was changed.\n  npm run promote -- ${stack}`,
    );
  const builders = files.filter((each) => !previousOf(each)).map((each) => each.stack);
  if (!file) throw new UserError(`STACK is ${stack ?? "missing"}; allowed: ${builders.join(", ")}\n${usage}`);
  writeRelease(file, required(usage, "RELEASE", name, "as v1.17", /^v\d+\.\d+$/));
  return update(file.stack);
}

if (import.meta.main)
  await runMain(async () => {
    const [stack, name] = readArguments(usage, { options: {}, most: 2 }).positionals;
    process.exitCode = await release(stackFiles(), stack, name);
  });
