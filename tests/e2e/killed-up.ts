import { spawn } from "node:child_process";
import { once } from "node:events";
import { searchPath } from "../../sandbox/places.ts";
import { recoverStack } from "../../sandbox/stack-recovery.ts";
import type { Project } from "./project.ts";

/**
 * Runs `pulumi up` and kills it without warning as soon as it begins to work on one resource, then removes the lock
 * that it left behind, as its user would. Where the kill met the engine writing its state, the last whole one is put
 * back: the engine keeps it beside the other.
 *
 * @param resource logical name of the resource
 * @throws where the `up` ended without touching it
 */
export async function killedUp(project: Project, resource: string): Promise<void> {
  const args = ["up", "--yes", "--skip-preview", "--non-interactive", "--stack", project.stack];
  const child = spawn("pulumi", args, {
    cwd: project.folder,
    env: { ...process.env, ...project.env, PATH: searchPath() },
    // A process group of its own: the kill takes the engine with its plugins and the program, as a lost machine would.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let killed = false;
  const begun = new RegExp(`\\s${resource} (creating|updating|creating replacement|deleting original)\\b`);
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (killed || !begun.test(output) || child.pid === undefined) return;
      killed = true;
      process.kill(-child.pid, "SIGKILL");
    });
  }
  await once(child, "close");
  if (!killed) throw new Error(`pulumi up ended without touching ${resource}:\n${output}`);
  await recoverStack(project.stack, { cwd: project.folder, env: project.env });
}
