import { setTimeout as pause } from "node:timers/promises";
import { recoverStack } from "../../sandbox/stack-recovery.ts";
import type { Project } from "./project.ts";
import { begins, RunningUp } from "./running-up.ts";

/**
 * Runs `pulumi up` and kills the engine without warning; its plugins and the program have to notice by themselves. Then
 * does what its user would: docs/reliability.md, "What a killed pulumi leaves".
 *
 * @param moment when: the engine has begun to work on the resource of that name, or its output is so
 * @param seconds how long after that
 * @throws where the `up` ended before
 */
export async function killedUp(project: Project, moment: string | RegExp, seconds = 0): Promise<void> {
  const up = new RunningUp(project);
  await up.reached(typeof moment === "string" ? begins(moment) : moment);
  await pause(seconds * 1000);
  await up.kill();
  await recoverStack(project.stack, { cwd: project.folder, env: project.env });
}
