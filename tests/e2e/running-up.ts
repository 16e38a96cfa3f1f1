import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { searchPath } from "../../sandbox/paths.ts";
import type { Project } from "./project.ts";

/** A `pulumi up` that is under way. */
export class RunningUp {
  readonly ended: Promise<{ code: number | null; output: string }>;
  readonly #child: ChildProcess;
  #output = "";
  #over = false;

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
      this.#over = true;
      return { code, output: this.#output };
    });
  }

  /** Number of the engine's process. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Resolves as soon as this stands in its output. @throws where it ended without that */
  async reached(moment: RegExp): Promise<void> {
    while (!moment.test(this.#output)) {
      if (this.#over) throw new Error(`pulumi up ended before ${moment}:\n${this.#output}`);
      await pause(20);
    }
  }

  /** Kills the engine, and it alone, without warning. @throws where it had ended */
  async kill(): Promise<void> {
    if (this.#over || !this.#child.kill("SIGKILL")) throw new Error(`pulumi up had ended:\n${this.#output}`);
    await this.ended;
  }
}

/** The moment at which the engine begins to work on a resource. @param resource its name, or kind and name */
export const begins = (resource: string): RegExp =>
  new RegExp(`[\\s:]${resource} (creating|updating|creating replacement|deleting original|deleting)\\b`);
