import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runVisibly } from "../../settings/run-program.ts";
import { UserError } from "../../settings/user-error.ts";
import { runMain } from "../cli/run-main.ts";
import { policyOptions } from "../preview/policies.ts";
import { type Preview, readPreview } from "../preview/preview.ts";
import { previewOf } from "../preview/run-previews.ts";
import { differencesFromReview } from "./assert-matches-review.ts";

const usage = `npm run apply -- -s STACK --reviewed FILE.json
  FILE.json   the reviewed preview: what pulumi preview --json --show-replacement-steps --stack STACK printed`;

/** What `npm run apply` was asked for. */
export interface Request {
  readonly stack: string;
  /** The reviewed preview's file. */
  readonly reviewed: string;
}

/** Reads the command line. @throws UserError with the usage where something is missing or unknown */
export function readRequest(args: readonly string[]): Request {
  const { stack, reviewed } = parsed(args);
  if (!stack) throw new UserError(`-s is missing: the stack to update.\n${usage}`);
  if (!reviewed)
    throw new UserError(`--reviewed is missing: the reviewed preview of ${stack}; nothing was changed.\n${usage}`);
  return { stack, reviewed };
}

function parsed(args: readonly string[]) {
  try {
    const options = { stack: { type: "string", short: "s" }, reviewed: { type: "string" } } as const;
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UserError(`${(error as Error).message}\n${usage}`);
  }
}

/**
 * Updates a stack, if that does what was reviewed and no policy refuses it. The update itself is held to the preview that
 * was compared, by its plan, and to the policies once more, for what a preview can't know: what changes in between stops
 * it. The plan is a file for this process's user alone, and removed afterwards.
 *
 * @returns the exit code of `pulumi up`
 * @throws UserError before anything is changed, where the fresh preview fails or differs from the reviewed one
 */
export async function apply({ stack, reviewed }: Request): Promise<number> {
  const before = readReviewed(reviewed, stack);
  const folder = mkdtempSync(join(tmpdir(), "slipway-plan-")); // mode 0700
  try {
    const plan = join(folder, "plan.json");
    const fresh = await previewOf(stack, ["--save-plan", plan]);
    hold(before, fresh, stack);
    console.log(`${stack}: the preview is the reviewed one.`);
    return await update(stack, "--plan", plan);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Stops whatever was not reviewed. @throws UserError with each difference */
export function hold(reviewed: Preview, fresh: Preview, stack: string): void {
  if (fresh.failures.length > 0)
    throw new UserError(`The preview of ${stack} fails; nothing was changed.\n${fresh.failures.join("\n")}`);
  const found = differencesFromReview(reviewed, fresh);
  if (found.length === 0) return;
  const list = found.map((each) => `  - ${each.replaceAll("\n", "\n    ")}`).join("\n");
  throw new UserError(
    `${stack} would not get what was reviewed; nothing was changed.\n${list}\n` +
      "  Review what it is now: bring the pull request up to date, or open another one.",
  );
}

/** Reads the reviewed preview. @throws UserError where it is not one of that stack, or failed itself */
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

/** Updates a stack in front of the user, held to the policies. @param more options of `pulumi up` @returns its exit code */
export const update = (stack: string, ...more: readonly string[]): Promise<number> =>
  runVisibly("pulumi", [
    "up",
    "--yes",
    "--skip-preview",
    "--non-interactive",
    "--stack",
    stack,
    ...more,
    ...policyOptions(),
  ]);

if (import.meta.main)
  await runMain(async () => {
    process.exitCode = await apply(readRequest(process.argv.slice(2)));
  });
