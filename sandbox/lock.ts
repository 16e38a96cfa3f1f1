import { linkSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { UserError } from "../settings/user-error.ts";
import { identify, isRunning, type ProcessIdentity } from "./process-identity.ts";
import { readIfPresent } from "./read-file.ts";

/** Process that may change the sandbox at the moment. */
export interface LockHolder extends ProcessIdentity {
  /** Command to name in the message to others. */
  readonly command: string;
}

/**
 * Makes this process the only one that may change the sandbox. Takes over the lock of a process that has ended.
 *
 * @returns function that releases the lock
 * @throws UserError if another process holds the lock
 */
export function takeLock(path: string, command: string): () => void {
  const mine: LockHolder = { ...identify(process.pid), command };
  for (;;) {
    if (claim(path, JSON.stringify(mine))) break;
    const text = readIfPresent(path) ?? "";
    const holder = parse(text);
    if (holder && isRunning(holder)) {
      throw new UserError(
        `"${holder.command}" is running already (process ${holder.pid}): wait until it ends, or stop it with Ctrl-C.`,
      );
    }
    discard(path, text);
  }
  const release = () => {
    if (parse(readIfPresent(path) ?? "")?.pid === mine.pid) rmSync(path, { force: true });
  };
  process.on("exit", release);
  return release;
}

/** Creates the file with all its text in one step; false if it exists. */
function claim(path: string, text: string): boolean {
  const draft = `${path}.${process.pid}.new`;
  writeFileSync(draft, text);
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return false;
  } finally {
    rmSync(draft);
  }
}

/** Removes an outdated lock, unless another process has replaced it meanwhile. */
function discard(path: string, expected: string): void {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  if (readIfPresent(aside) === expected) rmSync(aside);
  else renameSync(aside, path);
}

/** Undefined if the file is empty or incomplete, because its writer was killed. */
function parse(text: string): LockHolder | undefined {
  try {
    const holder = JSON.parse(text);
    return Number.isInteger(holder?.pid) && Number.isInteger(holder?.started) ? holder : undefined;
  } catch {
    return undefined;
  }
}
