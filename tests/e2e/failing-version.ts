import assert from "node:assert/strict";
import { eventually } from "../../sandbox/eventually.ts";
import { Load } from "./load.ts";
import { Project } from "./project.ts";

// biome-ignore lint/suspicious/noExplicitAny: settings of any shape
export type Config = any;

/** A version that must fail. */
export interface Version {
  /** How: the rest of a sentence that begins with "A version that". */
  readonly what: string;
  readonly change: (config: Config, project: Project) => void;
  /** Takes back what was changed besides the settings. Default: nothing was. */
  readonly undo?: (project: Project) => void;
  /** What its report has to say, all of it. */
  readonly says: RegExp[];
  /** Seconds after which it is given up. Default: the rollout's deadline. */
  readonly within?: number;
}

/** Seconds for a rollout here, so that nobody waits long for it to fail. */
export const deadlineSeconds = 15;
/** Seconds for a migration here. */
export const migrateSeconds = 20;
/** Seconds that an `up` may take in addition: its preview, what comes before the rollout, and the report. */
const otherSeconds = 25;
/** What no output may show, however it is spelled. */
const token = 'tok/en+"42" ü';

/** A Python program as a container's command. */
export const python = (program: string): string[] => ["python", "-c", program];

/** Prints every secret that it was given, in several spellings. */
export const printsSecrets =
  "import base64, os, urllib.parse as u; t = os.environ['TOKEN']; " +
  "print(t, repr(t), u.quote(t, safe=''), base64.b64encode(('x' + t).encode()).decode(), os.environ['PGPASSWORD']); ";

/** A version that serves under constant load, and is to go on serving while others fail. */
export class Serving {
  readonly project: Project;
  readonly #url: string;
  readonly #nodePort: number;
  #load: Load | undefined;
  #good: Config;

  constructor(stack: string, nodePort: number) {
    this.project = new Project(stack);
    this.#nodePort = nodePort;
    this.#url = `http://localhost:${nodePort}`;
  }

  async start(): Promise<void> {
    const { project } = this;
    project.configure((config) => {
      Object.assign(config["slipway:web"], { nodePort: this.#nodePort, deadlineSeconds, migrateSeconds });
    });
    await project.create();
    await project.ok("config", "set", "--stack", project.stack, "--secret", "--path", "secrets.TOKEN", token);
    await project.up();
    // A migration runs first wherever the environment changes; most of what is to be seen here is the rollout after it.
    project.configure((config) => {
      delete config["slipway:release"].build.migrations;
      config["slipway:web"].migrate = undefined;
      this.#good = structuredClone(config);
    });
    await project.up();
    await eventually(async () => assert.equal((await fetch(this.#url)).status, 200));
    this.#load = new Load({ url: this.#url, perSecond: 20 });
  }

  async stop(): Promise<void> {
    await this.#load?.stop();
    await this.project.remove();
  }

  /** Deploys a version that must fail and then the good one again; neither costs a request. */
  async outlasts({ change, undo, says, within = deadlineSeconds }: Version): Promise<void> {
    const { project } = this;
    const before = this.#load?.result;
    project.configure((config) => change(config, project));
    const { result: output, seconds } = await timed(() => project.failingUp());
    // The next version does not wait for what is found in this one.
    project.configure((config) => Object.assign(config, structuredClone(this.#good)));
    undo?.(project);
    const { seconds: recovered } = await timed(() => project.up());
    const after = this.#load?.result;
    assert.ok(before && after);

    const report = reportIn(output);
    const lines = report.split("\n").length;
    console.log(
      `      failed after ${seconds.toFixed(0)} s, good again in ${recovered.toFixed(0)} s; ` +
        `${after.requests - before.requests} requests, ${after.failed - before.failed} failed; report of ${lines} lines`,
    );
    if (process.env.SHOW_REPORTS) console.log(report);
    for (const pattern of says) assert.match(report, pattern);
    assert.match(report, /What to do: /);
    assert.ok(lines <= 60);
    for (const secret of [token, encodeURIComponent(token), Buffer.from(token).toString("base64").slice(0, 12)])
      assert.ok(!output.includes(secret), `${secret} stands in:\n${output}`);
    assert.ok(seconds < within + otherSeconds, `failed only after ${seconds} s`);
    assert.ok(after.requests - before.requests > 100);
    assert.deepEqual(after.failures, []);
  }
}

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; seconds: number }> {
  const started = Date.now();
  const result = await work();
  return { result, seconds: (Date.now() - started) / 1000 };
}

/** The report in an `up`'s output: from the likely cause to the provider's own message, or to the end of what is said of the resource. */
function reportIn(output: string): string {
  // The last ones: a preview may have some of its own.
  const diagnostics = output.slice(output.lastIndexOf("\nDiagnostics:"));
  const [report, ...more] = diagnostics.match(/error: \w+ \S+, likely cause:.*?(?=\n {4}error: |\n\n|$)/gs) ?? [];
  assert.ok(report, `no report in:\n${output}`);
  assert.deepEqual(more, [], "the report is printed once");
  return report;
}
