import { UserError } from "../../settings/user-error.ts";

/** Runs a command. A UserError, or a program that is not installed, ends it with one message and exit code 1; a defect, with its trace. */
export async function runMain(main: () => unknown): Promise<void> {
  // The reader has gone, as `head` after its last line: ends as SIGPIPE would, without a trace.
  process.stdout.on("error", () => process.exit(141));
  try {
    await main();
  } catch (error) {
    console.error(
      error instanceof UserError ? error.message : (missingProgram(error as NodeJS.ErrnoException) ?? error),
    );
    // At once: steps that run beside the failed one would only bury its message.
    process.exit(1);
  }
}

const missingProgram = ({ code, syscall = "", path }: NodeJS.ErrnoException): string | undefined =>
  code === "ENOENT" && syscall.startsWith("spawn")
    ? `${path} is not on the PATH; nothing was changed. Install it, or in the sandbox: eval "$(npm run -s env)"`
    : undefined;
