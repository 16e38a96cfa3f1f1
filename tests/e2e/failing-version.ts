import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { Load } from "./load.ts";
import { Noticeboard } from "./noticeboard.ts";
import { Project } from "./project.ts";
import { stopwatch } from "./stopwatch.ts";

/** Version that must fail. */
export interface Version {
  /** Rest of a sentence that begins with "A version that". */
  readonly title: string;
  readonly change: (project: Project) => void;
  /** Reverts what was changed besides the settings. @default nothing */
  readonly undo?: (project: Project) => void;
  /** Patterns that its report must match. */
  readonly report: RegExp[];
  /** Seconds after which it must have failed. @default the deadline of the rollout */
  readonly within?: number;
}

/** Short, so that nobody waits long for a rollout to fail. */
const deadlineSeconds = 15;
/** Seconds that an `up` may take besides: preview, steps before the rollout, report. */
const otherSeconds = 25;
/** Secret that no output may show in any spelling. */
const token = 'tok/en+"42" ü';

/** Command of a container that runs a Python program. */
export const python = (program: string): string[] => ["python", "-c", program];

/** Python statements that print each of its secrets in several spellings. */
export const printsSecrets =
  "import base64, os, urllib.parse as u; t = os.environ['TOKEN']; " +
  "print(t, repr(t), u.quote(t, safe=''), base64.b64encode(('x' + t).encode()).decode(), os.environ['PGPASSWORD']); ";

/** Version that serves under constant load while others fail. */
export class Serving {
  readonly project: Project;
  readonly #nodePort: number;
  #load: Load | undefined;
  #goodSettings = "";

  constructor(stack: string, nodePort: number) {
    this.project = new Project(stack);
    this.#nodePort = nodePort;
  }

  async start(): Promise<void> {
    const { project } = this;
    project.set("web", { nodePort: this.#nodePort, deadlineSeconds, migrateSeconds: 20 });
    await project.create();
    await project.setSecret("secrets.TOKEN", token);
    await project.up();
    // Most versions here must fail in the rollout, not in a migration before it.
    project.set("release.build", { migrations: undefined });
    project.set("web", { migrate: undefined });
    this.#goodSettings = readFileSync(project.stackFile, "utf8");
    await project.up();
    const board = new Noticeboard(this.#nodePort);
    await board.ready();
    this.#load = new Load(board.url, 20);
  }

  async stop(): Promise<void> {
    await this.#load?.stop();
    await this.project.remove();
  }

  /** Deploys a version that must fail, then the good one again, and asserts that no request fails. */
  async outlasts({ change, undo, report: patterns, within = deadlineSeconds }: Version): Promise<void> {
    const { project } = this;
    const before = this.#load?.result;
    change(project);
    const failing = stopwatch();
    const output = await project.failingUp();
    const seconds = failing();
    // Before the assertions, so that a failed one does not fail the next test as well.
    writeFileSync(project.stackFile, this.#goodSettings);
    undo?.(project);
    const recovering = stopwatch();
    await project.up();
    const recovered = recovering();
    const after = this.#load?.result;
    assert.ok(before && after);

    const report = findReport(output);
    const lines = report.split("\n").length;
    console.log(
      `      failed after ${seconds.toFixed(0)} s, good again in ${recovered.toFixed(0)} s; ` +
        `${after.requests - before.requests} requests, ${after.failed - before.failed} failed; report of ${lines} lines`,
    );
    if (process.env.SHOW_REPORTS) console.log(report);
    for (const pattern of patterns) assert.match(report, pattern);
    assert.match(report, /What to do: /);
    assert.ok(lines <= 60);
    for (const secret of [token, encodeURIComponent(token), Buffer.from(token).toString("base64").slice(0, 12)])
      assert.ok(!output.includes(secret), `${secret} is in:\n${output}`);
    assert.ok(seconds < within + otherSeconds, `failed only after ${seconds} s`);
    assert.ok(after.requests - before.requests > 100);
    assert.deepEqual(after.failures, []);
  }
}

/** Finds the report in the output of an `up`: from the likely cause to the provider's message or the end of the diagnostics. */
function findReport(output: string): string {
  // The preview may have diagnostics of its own: those of the update are the last.
  const diagnostics = output.slice(output.lastIndexOf("\nDiagnostics:"));
  const [report, ...more] = diagnostics.match(/error: \w+ \S+, likely cause:.*?(?=\n {4}error: |\n\n|$)/gs) ?? [];
  assert.ok(report, `no report in:\n${output}`);
  assert.deepEqual(more, [], "the report is printed once");
  return report;
}
