import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attemptProgram } from "../../settings/run-program.ts";
import { policyOptions, readPolicyEvents } from "./policies.ts";
import { type Preview, readPreview } from "./preview.ts";
import { hideSecrets } from "./secrets.ts";

/** Runs the previews of stacks, all at once: each has a state of its own. What can't be run becomes a preview that failed. */
export const runPreviews = (stacks: readonly string[]): Promise<Preview[]> =>
  Promise.all(stacks.map((stack) => previewOf(stack)));

/** Runs the preview of one stack, and reads it. @param more options of `pulumi preview` */
export const previewOf = async (stack: string, more: readonly string[] = []): Promise<Preview> =>
  understood(stack, await runPreview(stack, more));

/** What `pulumi` printed, and whether it failed. */
export interface Printed {
  readonly stdout: string;
  readonly stderr: string;
  readonly error?: Error;
  /** What policies have said, which is in none of both. Default: nothing. */
  readonly policyEvents?: readonly unknown[];
}

/** Runs the preview of one stack, held to the policies. @param more options of `pulumi preview` */
export async function runPreview(stack: string, more: readonly string[] = []): Promise<Printed> {
  const folder = mkdtempSync(join(tmpdir(), "slipway-preview-")); // mode 0700
  const log = join(folder, "events");
  const args = ["preview", "--json", "--show-replacement-steps", "--non-interactive", ...policyOptions()];
  try {
    const printed = await run([...args, "--event-log", log, "--stack", stack, ...more], eventLog);
    return { ...printed, policyEvents: existsSync(log) ? readPolicyEvents(readFileSync(log, "utf8")) : [] };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Looks for what was changed outside Pulumi: a preview of a refresh, in which nothing is planned. */
export const runDriftCheck = (stack: string): Promise<Printed> =>
  run(["refresh", "--preview-only", "--json", "--non-interactive", "--stack", stack]);

const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Printed> =>
  attemptProgram("pulumi", args, { env: { ...process.env, ...env } }).then(
    ({ code, ...output }) => ({ ...output, ...(code !== 0 && { error: new Error(`exit code ${code}`) }) }),
    (error: Error) => ({ stdout: "", stderr: "", error }),
  );

/** Reads what a preview printed, on both its outputs, and what policies said of it. */
export function understood(stack: string, { stdout, stderr, error, policyEvents }: Printed): Preview {
  const found = readPreview(stdout.includes("{") ? stdout : stdout + stderr, stack, policyEvents);
  const failures =
    error && found.failures.length === 0 ? [hideSecrets(stderr.trim() || error.message)] : found.failures;
  return { ...found, environment: stack, failures };
}

/** The JSON of a preview has nothing of policies. Their events have; the SDK's own Automation API asks for them like this. */
const eventLog = { PULUMI_DEBUG_COMMANDS: "true" };
