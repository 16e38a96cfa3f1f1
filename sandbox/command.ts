import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../settings/user-error.ts";
import { environmentOf, processesWith, serviceMark, stepMark } from "./ownership.ts";
import { paths, searchPath } from "./paths.ts";
import { signal } from "./process-identity.ts";
import { readIfPresent } from "./read-file.ts";

/** Options for running a program. */
export interface RunOptions {
  /** Variables besides those of this process. PATH always begins with the sandbox's folders. */
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  readonly input?: string;
  /** Seconds after which the program is killed and counts as failed. @default no limit */
  readonly within?: number;
}

/** Result of a program that ended. */
export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program and returns its output, whatever its exit code. @throws Error if it cannot be started */
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

/** Runs a program and returns its standard output. @throws UserError with its standard error if it fails */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await attempt(argv, options).catch((error: Error) => {
    throw new UserError(`${argv[0]} cannot be run: ${error.message}`);
  });
  if (code === 0) return stdout;
  throw new UserError(`${argv.slice(0, 3).join(" ")} failed (exit code ${code}):\n${lastLines(stderr || stdout)}`);
}

const running = new Set<string>();

/** Running logged steps, each with the last line of its log. Without compilations, which report their own progress. */
export function describeRunningSteps(): string {
  const others = [...running].filter((name) => !name.startsWith("compile-"));
  return others.map((name) => `${name} (${lastLogLine(name)})`).join(", ");
}

/** Last line of a step's log so far, truncated to 80 characters. */
export function lastLogLine(name: string): string {
  return ((readIfPresent(logPath(name)) ?? "").trimEnd().split("\n").at(-1) ?? "").slice(0, 80);
}

/** Runs a program with its output in a log. @throws UserError with the last lines of the log if it fails */
export async function runLogged(name: string, argv: readonly string[], options: RunOptions = {}): Promise<void> {
  mkdirSync(paths.log, { recursive: true });
  const path = logPath(name);
  const log = openSync(path, "w");
  running.add(name);
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
    running.delete(name);
    closeSync(log);
  }
}

/** Runs a program in the user's terminal and returns its exit code. Ctrl-C reaches only the program, which may take its time to end. */
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
    // A step and its children end with this process, for example when another step has failed.
    const end = () => signal(processesWith(stepMark()), "SIGTERM");
    process.on("exit", end);
    child.on("close", () => process.off("exit", end));
  }
  // A program that does not read its input closes the pipe; only its exit code counts.
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

/** Path and last 20 lines of a log, for an error message. */
export function describeLog(name: string): string {
  return `The end of ${logPath(name)}:\n${lastLines(readIfPresent(logPath(name)) ?? "")}`;
}

/** Last lines of a text, indented for an error message. */
export function lastLines(text: string, count = 20): string {
  const lines = text.trimEnd().split("\n").slice(-count);
  return lines.map((line) => `  | ${line}`).join("\n");
}
