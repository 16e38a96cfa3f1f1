import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../settings/user-error.ts";
import { environmentOf, processesWith, serviceMark, stepMark } from "./ownership.ts";
import { paths, searchPath } from "./paths.ts";
import { signal } from "./process-identity.ts";

/** How to run a program. */
export interface RunOptions {
  /** Added to this process's own environment. PATH always gets the sandbox's folders in front. */
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  readonly input?: string;
  /** Seconds after which the program is ended and counted as failed; default: none. */
  readonly within?: number;
}

/** What came out of a program that ended. */
export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end and gives what it printed, whatever its exit code. @throws if it cannot be started */
export function attempt(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = launch(argv, options, "pipe");
    let stdout = "";
    let stderr = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 1, stdout, stderr }));
    child.stdin?.end(options.input ?? "");
  });
}

/** Runs a program to its end and gives its standard output. @throws UserError with what it said on standard error */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await attempt(argv, options).catch((error: Error) => {
    throw new UserError(`${argv[0]} cannot be run: ${error.message}`);
  });
  if (code === 0) return stdout;
  throw new UserError(`${argv.slice(0, 3).join(" ")} failed (exit code ${code}):\n${lastLines(stderr || stdout)}`);
}

const underWay = new Set<string>();

/** The logged steps that run at the moment, each with the end of its log, for progress messages; compiling has messages of its own. */
export function stepsUnderWay(): string {
  const others = [...underWay].filter((name) => !name.startsWith("compile-"));
  return others.map((name) => `${name} (${lastLogLine(name)})`).join(", ");
}

/** The last line that a step has written so far, cut to a length that fits beside its name. */
export function lastLogLine(name: string): string {
  const text = existsSync(logPath(name)) ? readFileSync(logPath(name), "utf8") : "";
  return (text.trimEnd().split("\n").at(-1) ?? "").slice(0, 80);
}

/** Runs a program whose output is long: it goes to a log, whose last lines are shown if it fails. @throws UserError */
export async function runLogged(name: string, argv: readonly string[], options: RunOptions = {}): Promise<void> {
  mkdirSync(paths.log, { recursive: true });
  const path = logPath(name);
  const log = openSync(path, "w");
  underWay.add(name);
  try {
    writeSync(log, `$ ${argv.join(" ")}\n`);
    const code = await new Promise<number>((resolve, reject) => {
      const child = launch(argv, options, log);
      child.on("error", ({ message }) => reject(new UserError(`${argv[0]} cannot be run: ${message}`)));
      child.on("close", (status) => resolve(status ?? 1));
      child.stdin?.end(options.input ?? "");
    });
    if (code !== 0) throw new UserError(`${name} failed (exit code ${code}). ${describeLog(name)}`);
  } finally {
    underWay.delete(name);
    closeSync(log);
  }
}

/** Runs a program that talks to the user itself; gives its exit code. Ctrl-C is for the program: what it does then is waited for. */
export async function runVisibly(argv: readonly string[], options: RunOptions = {}): Promise<number> {
  const ignore = () => {};
  process.on("SIGINT", ignore);
  try {
    return await new Promise((resolve, reject) => {
      const child = launch(argv, options, "inherit");
      child.on("error", reject);
      child.on("close", (code) => resolve(code ?? 1));
      child.stdin?.end();
    });
  } finally {
    process.off("SIGINT", ignore);
  }
}

/**
 * Starts a program that outlives this process, marked as a service of the sandbox.
 *
 * @param log file descriptor that its output goes to
 * @returns its process id; undefined if it cannot be started
 */
export function startDetached(argv: readonly string[], { env, cwd }: RunOptions, log: number): number | undefined {
  // A session of its own: Ctrl-C in the terminal ends `up`, not the cluster.
  const child = spawnIn({ ...env, ...environmentOf(serviceMark) }, argv, {
    cwd,
    detached: true,
    stdio: ["ignore", log, log],
  });
  // The caller reports the missing pid.
  child.on("error", () => {});
  child.unref();
  return child.pid;
}

function launch(argv: readonly string[], options: RunOptions, output: "pipe" | "inherit" | number): ChildProcess {
  // An interactive program is no step: it may outlive its starter, and the next `up` waits for it.
  const mark = output === "inherit" ? {} : environmentOf(stepMark());
  const child = spawnIn({ ...mark, ...options.env }, argv, {
    cwd: options.cwd,
    stdio: ["pipe", output, output],
    timeout: options.within === undefined ? undefined : options.within * 1000,
    killSignal: "SIGKILL",
  });
  if (output !== "inherit") {
    // A step ends with this process, as where another step has failed, and with it what it has started itself.
    const end = () => signal(processesWith(stepMark()), "SIGTERM");
    process.on("exit", end);
    child.on("close", () => process.off("exit", end));
  }
  // A program that does not read its input closes the pipe; its exit code says what matters.
  child.stdin?.on("error", () => {});
  return child;
}

function spawnIn(
  env: RunOptions["env"],
  [program = "", ...args]: readonly string[],
  options: SpawnOptions,
): ChildProcess {
  return spawn(program, args, { ...options, env: { ...process.env, PATH: searchPath(), ...env } });
}

/** Path of the log of a step or service. */
export function logPath(name: string): string {
  return join(paths.log, `${name}.log`);
}

/** The last 20 lines of a log and its path, for an error message. */
export function describeLog(name: string): string {
  const text = existsSync(logPath(name)) ? readFileSync(logPath(name), "utf8") : "";
  return `The end of ${logPath(name)}:\n${lastLines(text)}`;
}

/** The last lines of a text, indented, so that they stand out in an error message. */
export function lastLines(text: string, count = 20): string {
  const lines = text.trimEnd().split("\n").slice(-count);
  return lines.map((line) => `  | ${line}`).join("\n");
}
