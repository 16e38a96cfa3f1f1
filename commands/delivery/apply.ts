import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runVisibly } from "../../settings/run-program.ts";
import { UserError } from "../../settings/user-error.ts";
import { readArguments, required, stackOption, textOption } from "../cli/arguments.ts";
import { runMain } from "../cli/run-main.ts";
import { policyOptions } from "../preview/policies.ts";
import type { Preview } from "../preview/preview.ts";
import { readPreview } from "../preview/read-preview.ts";
import { previewStack } from "../preview/run-previews.ts";
import { assertMatchesReview } from "./assert-matches-review.ts";

const usage = `npm run apply -- -s STACK --reviewed FILE.json
  FILE.json   the reviewed preview: what pulumi preview --json --show-replacement-steps --stack STACK printed`;

/**
 * Updates a stack if a fresh preview matches the reviewed one and no policy refuses it. The plan of that preview limits
 * the update, so a change in between stops it. Policies check the update again, for values that no preview knows. Only
 * this process's user can read the plan's file, which is deleted afterwards.
 *
 * @param reviewed path of the reviewed preview
 * @returns the exit code of `pulumi up`
 * @throws UserError before anything is changed, if the fresh preview fails or differs from the reviewed one
 */
export async function apply(stack: string, reviewed: string): Promise<number> {
  const before = readReviewed(reviewed, stack);
  const folder = mkdtempSync(join(tmpdir(), "slipway-plan-")); // mode 0700
  try {
    const plan = join(folder, "plan.json");
    assertMatchesReview(before, await previewStack(stack, ["--save-plan", plan]), stack);
    console.log(`${stack}: the preview is the reviewed one.`);
    return await update(stack, "--plan", plan);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Reads the reviewed preview. @throws UserError if it failed, or is a preview of another stack */
function readReviewed(path: string, stack: string): Preview {
  const preview = readPreview(read(path), stack);
  if (preview.failures.length > 0)
    throw new UserError(
      `${path}: the reviewed preview failed, so nothing was reviewed.\n${preview.failures.join("\n")}`,
    );
  if (preview.environment !== stack)
    throw new UserError(
      `${path} is a preview of ${preview.environment}, not of ${stack}; nothing was changed.\n${usage}`,
    );
  return preview;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UserError(`${path} can't be read: ${(error as Error).message}\n${usage}`);
  }
}

/** Options of `pulumi` for an operation without questions. */
export const unattended = ["--yes", "--skip-preview", "--non-interactive"];

/** Updates a stack and shows the output; policies apply. @param more options of `pulumi up` @returns its exit code */
export const update = (stack: string, ...more: readonly string[]): Promise<number> =>
  runVisibly("pulumi", ["up", ...unattended, "--stack", stack, ...more, ...policyOptions()]);

if (import.meta.main)
  await runMain(async () => {
    const options = { stack: stackOption, reviewed: textOption };
    const { stack, reviewed } = readArguments(usage, { options, most: 0 }).values;
    process.exitCode = await apply(
      required(usage, "-s", stack, "the name of a stack"),
      required(usage, "--reviewed", reviewed, "the path of the reviewed preview"),
    );
  });
