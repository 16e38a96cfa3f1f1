import { type ExecFileOptions, execFile, spawn } from "node:child_process";
import { UserError } from "./user-error.ts";

/** How to run a program. */
export interface ProgramOptions extends Pick<ExecFileOptions, "cwd"> {
  /** @default this process's own environment */
  readonly env?: NodeJS.ProcessEnv;
  /** Standard input; secrets belong here, since every process of the machine can read command lines. @default none */
  readonly input?: string;
  /** Milliseconds after which the program is ended and counts as failed. @default no limit */
  readonly timeout?: number;
}

/** Exit code and output of a program that ended. */
export interface ProgramResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program to its end, without a shell, whatever its exit code.
 *
 * @throws Error if it cannot be started
 */
export function attemptProgram(
  program: string,
  args: readonly string[],
  { input = "", ...options }: ProgramOptions = {},
): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      args,
      { ...options, maxBuffer: Number.POSITIVE_INFINITY },
      (error, stdout, stderr) =>
        typeof error?.code === "string"
          ? reject(error)
          : resolve({ code: error ? (error.code ?? 1) : 0, stdout, stderr }),
    );
    // A program that does not read its input closes the pipe; its exit code tells the reason.
    child.stdin?.on("error", () => {}).end(input);
  });
}

/**
 * Runs a program to its end, without a shell.
 *
 * @returns its standard output
 * @throws UserError with its standard error if it fails
 * @throws Error if it cannot be started; `runMain` says how to install it
 */
export async function runProgram(program: string, args: readonly string[], options?: ProgramOptions): Promise<string> {
  const { code, stdout, stderr } = await attemptProgram(program, args, options);
  if (code !== 0) throw new UserError(`${program} ${args.join(" ")} failed:\n${stderr}`);
  return stdout;
}

/**
 * Runs a program that talks to the user itself.
 *
 * @returns its exit code
 */
export const runVisibly = (program: string, args: readonly string[]): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: "inherit" });
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
