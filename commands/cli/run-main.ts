import { UserError } from "../../settings/user-error.ts";

/**
 * Runs a command. Exits with code 1 if it fails: with one message for a UserError or a program that is not installed,
 * with a stack trace for a defect.
 */
export async function runMain(main: () => unknown): Promise<void> {
  // The reader closed the pipe, as `head` does after its last line: exit as SIGPIPE would, without a trace.
  process.stdout.on("error", () => process.exit(141));
  try {
    await main();
  } catch (error) {
    console.error(
      error instanceof UserError ? error.message : (missingProgram(error as NodeJS.ErrnoException) ?? error),
    );
    // At once, because output of steps that run in parallel would bury the message.
    process.exit(1);
  }
}

const missingProgram = ({ code, syscall = "", path }: NodeJS.ErrnoException): string | undefined =>
  code === "ENOENT" && syscall.startsWith("spawn")
    ? `${path} is not on the PATH; nothing was changed. Install it, or in the sandbox: eval "$(npm run -s env)"`
    : undefined;
