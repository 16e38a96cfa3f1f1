import { execFile } from "node:child_process";
import { type Preview, readPreview } from "./preview.ts";
import { hideSecrets } from "./secrets.ts";

/** Runs the previews of stacks, all at once: each has a state of its own. What can't be run becomes a preview that failed. */
export const runPreviews = (stacks: readonly string[]): Promise<Preview[]> =>
  Promise.all(stacks.map((stack) => previewOf(stack)));

/** Runs the preview of one stack. @param more options of `pulumi preview` */
export function previewOf(stack: string, more: readonly string[] = []): Promise<Preview> {
  const args = ["preview", "--json", "--show-replacement-steps", "--non-interactive", "--stack", stack, ...more];
  return new Promise((resolve) => {
    execFile("pulumi", args, { maxBuffer: 2 ** 30 }, (error, stdout, stderr) => {
      const found = readPreview(stdout.includes("{") ? stdout : stdout + stderr, stack);
      // A policy that was broken stands in no JSON: only in the exit code, and in what is said beside it.
      const failures =
        error && found.failures.length === 0 ? [hideSecrets(stderr.trim() || error.message)] : found.failures;
      resolve({ ...found, environment: stack, failures });
    });
  });
}
