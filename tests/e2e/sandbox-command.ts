import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import type { RunResult } from "../../sandbox/command.ts";
import { repository, searchPath } from "../../sandbox/paths.ts";

/** Environment of a terminal: without the mark by which `up` finds its own steps, and those of an `up` that died. */
export const terminal = () => ({ ...process.env, PATH: searchPath() });

/** Runs a program as a terminal would. */
export function run(program: string, args: readonly string[]): Promise<RunResult> {
  return new Promise((resolve) => {
    execFile(program, args, { env: terminal() }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr }),
    );
  });
}

/** Path of one of the sandbox's commands. */
export const scriptOf = (name: string) => join(repository, "sandbox", `${name}.ts`);

/** Runs one of the sandbox's commands, as `npm run up` does. */
export const command = (name: string, ...args: string[]) => run("node", [scriptOf(name), ...args]);

/** Runs one of the sandbox's commands, and returns its output. @throws AssertionError if it fails */
export async function succeed(name: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await command(name, ...args);
  assert.equal(code, 0, stdout + stderr);
  return stdout;
}
