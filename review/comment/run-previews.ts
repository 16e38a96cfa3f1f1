import { execFile } from "node:child_process";
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
}

/** Runs the preview of one stack. @param more options of `pulumi preview` */
export const runPreview = (stack: string, more: readonly string[] = []): Promise<Printed> =>
  run(["preview", "--json", "--show-replacement-steps", "--non-interactive", "--stack", stack, ...more]);

/** Looks for what was changed outside Pulumi: a preview of a refresh, in which nothing is planned. */
export const runDriftCheck = (stack: string): Promise<Printed> =>
  run(["refresh", "--preview-only", "--json", "--non-interactive", "--stack", stack]);

const run = (args: readonly string[]): Promise<Printed> =>
  new Promise((resolve) => {
    execFile("pulumi", args, { maxBuffer: 2 ** 30 }, (error, stdout, stderr) =>
      resolve({ stdout, stderr, error: error ?? undefined }),
    );
  });

/** Reads what a preview printed, on both its outputs. */
export function understood(stack: string, { stdout, stderr, error }: Printed): Preview {
  const found = readPreview(stdout.includes("{") ? stdout : stdout + stderr, stack);
  // A policy that was broken stands in no JSON: only in the exit code, and in what is said beside it.
  const failures =
    error && found.failures.length === 0 ? [hideSecrets(stderr.trim() || error.message)] : found.failures;
  return { ...found, environment: stack, failures };
}
