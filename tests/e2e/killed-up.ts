import { setTimeout as sleep } from "node:timers/promises";
import { recoverStack } from "../../sandbox/stack-recovery.ts";
import type { Project } from "./project.ts";
import { begins, RunningUp } from "./running-up.ts";

/**
 * Kills the engine during a `pulumi up`, and then does what docs/reliability.md, "What a killed pulumi leaves", says.
 *
 * @param moment name of the resource that the engine begins to work on, or pattern of its output
 * @param seconds time between that and the kill
 * @throws Error if the `up` ended before
 */
export async function killedUp(project: Project, moment: string | RegExp, seconds = 0): Promise<void> {
  const up = new RunningUp(project);
  await up.reached(typeof moment === "string" ? begins(moment) : moment);
  await sleep(seconds * 1000);
  await up.kill();
  await recoverStack(project.stack, { cwd: project.folder, env: project.env });
}
