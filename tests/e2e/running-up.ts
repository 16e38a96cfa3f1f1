import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { searchPath } from "../../sandbox/paths.ts";
import { recoverStack } from "../../sandbox/stack-recovery.ts";
import type { Project } from "./project.ts";

/** Running `pulumi up`. */
export class RunningUp {
  readonly ended: Promise<{ code: number | null; output: string }>;
  readonly #child: ChildProcess;
  #output = "";
  #hasEnded = false;

  constructor(project: Project) {
    const args = ["up", "--yes", "--skip-preview", "--non-interactive", "--stack", project.stack];
    this.#child = spawn("pulumi", args, {
      cwd: project.folder,
      env: { ...process.env, ...project.env, PATH: searchPath() },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#output += text;
      });
    this.ended = once(this.#child, "close").then(([code]) => {
      this.#hasEnded = true;
      return { code, output: this.#output };
    });
  }

  /** Process id of the engine. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Waits until its output matches. @throws Error if it ends before */
  async reached(moment: RegExp): Promise<void> {
    while (!moment.test(this.#output)) {
      if (this.#hasEnded) throw new Error(`pulumi up ended before ${moment}:\n${this.#output}`);
      await sleep(20);
    }
  }

  /** Kills only the engine's process, by SIGKILL. @throws Error if it had ended */
  async kill(): Promise<void> {
    if (this.#hasEnded || !this.#child.kill("SIGKILL")) throw new Error(`pulumi up had ended:\n${this.#output}`);
    await this.ended;
  }
}

/** Pattern of the output when the engine begins to work on a resource. @param resource its name, or kind and name */
export const begins = (resource: string): RegExp =>
  new RegExp(`[\\s:]${resource} (creating|updating|creating replacement|deleting original|deleting)\\b`);

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
