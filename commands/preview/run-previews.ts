import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attemptProgram } from "../../settings/run-program.ts";
import { policyOptions, readPolicyEvents } from "./policies.ts";
import type { Preview } from "./preview.ts";
import { readPreview } from "./read-preview.ts";
import { hideSecrets } from "./secrets.ts";

/** Previews a stack; a preview that can't run becomes a failed one. @param more options of `pulumi preview` */
export const previewStack = async (stack: string, more: readonly string[] = []): Promise<Preview> =>
  readOutput(stack, await runPreview(stack, more));

/** Output of `pulumi`, and its error if it failed. */
export interface PulumiOutput {
  readonly stdout: string;
  readonly stderr: string;
  readonly error?: Error;
  /** Events of policies, from the event log. @default none */
  readonly policyEvents?: readonly unknown[];
}

/** Runs the preview of one stack with the policy pack. @param more options of `pulumi preview` */
export async function runPreview(stack: string, more: readonly string[] = []): Promise<PulumiOutput> {
  const folder = mkdtempSync(join(tmpdir(), "slipway-preview-")); // mode 0700
  const log = join(folder, "events");
  const args = ["preview", "--json", "--show-replacement-steps", "--non-interactive", ...policyOptions()];
  try {
    const output = await run([...args, "--event-log", log, "--stack", stack, ...more], eventLog);
    return { ...output, policyEvents: existsSync(log) ? readPolicyEvents(readFileSync(log, "utf8")) : [] };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Looks for changes made outside Pulumi, by the preview of a refresh. */
export const runDriftCheck = (stack: string): Promise<PulumiOutput> =>
  run(["refresh", "--preview-only", "--json", "--non-interactive", "--stack", stack]);

const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<PulumiOutput> =>
  attemptProgram("pulumi", args, { env: { ...process.env, ...env } }).then(
    ({ code, ...output }) => ({ ...output, ...(code !== 0 && { error: new Error(`exit code ${code}`) }) }),
    (error: Error) => ({ stdout: "", stderr: "", error }),
  );

/** Reads the output of a preview. */
export function readOutput(stack: string, { stdout, stderr, error, policyEvents }: PulumiOutput): Preview {
  const preview = readPreview(stdout.includes("{") ? stdout : stdout + stderr, stack, policyEvents);
  const failures =
    error && preview.failures.length === 0 ? [hideSecrets(stderr.trim() || error.message)] : preview.failures;
  return { ...preview, environment: stack, failures };
}

/** Makes the CLI write its events, which its JSON lacks; the SDK's Automation API sets the same. */
const eventLog = { PULUMI_DEBUG_COMMANDS: "true" };
