import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { policyOptions, readPolicyEvents } from "./policies.ts";
import { type Preview, readPreview } from "./preview.ts";
import { hideSecrets } from "./secrets.ts";

/** Runs the previews of stacks, all at once: each has a state of its own. What can't be run becomes a preview that failed. */
export const runPreviews = (stacks: readonly string[]): Promise<Preview[]> =>
  Promise.all(stacks.map((stack) => previewOf(stack)));

/** Runs the preview of one stack, held to the policies. @param more options of `pulumi preview` */
export function previewOf(stack: string, more: readonly string[] = []): Promise<Preview> {
  const folder = mkdtempSync(join(tmpdir(), "slipway-preview-")); // mode 0700
  const log = join(folder, "events");
  const args = ["preview", "--json", "--show-replacement-steps", "--non-interactive", ...policyOptions()];
  const options = { maxBuffer: 2 ** 30, env: { ...process.env, ...eventLog } };
  return new Promise((resolve) => {
    execFile("pulumi", [...args, "--event-log", log, "--stack", stack, ...more], options, (error, stdout, stderr) => {
      const events = existsSync(log) ? readPolicyEvents(readFileSync(log, "utf8")) : [];
      rmSync(folder, { recursive: true });
      const found = readPreview(stdout.includes("{") ? stdout : stdout + stderr, stack, events);
      const failures =
        error && found.failures.length === 0 ? [hideSecrets(stderr.trim() || error.message)] : found.failures;
      resolve({ ...found, environment: stack, failures });
    });
  });
}

/** The JSON of a preview has nothing of policies. Their events have; the SDK's own Automation API asks for them like this. */
const eventLog = { PULUMI_DEBUG_COMMANDS: "true" };
