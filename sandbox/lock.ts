import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { UserError } from "../settings/user-error.ts";
import { identify, isRunning, type ProcessIdentity } from "./process-identity.ts";

/** Who changes the sandbox at the moment. */
export interface LockHolder extends ProcessIdentity {
  /** The command, for the message that others get. */
  readonly command: string;
}

/**
 * Makes this process the only one that changes the sandbox; the lock of a process that has ended is taken over.
 * @returns gives the lock back
 * @throws UserError that names the process which holds it
 */
export function takeLock(path: string, command: string): () => void {
  const mine: LockHolder = { ...identify(process.pid), command };
  for (;;) {
    if (claim(path, JSON.stringify(mine))) break;
    const text = read(path);
    const holder = parse(text);
    if (holder && isRunning(holder)) {
      throw new UserError(
        `"${holder.command}" is running already (process ${holder.pid}): wait until it ends, or stop it with Ctrl-C.`,
      );
    }
    discard(path, text);
  }
  const release = () => {
    if (parse(read(path))?.pid === mine.pid) rmSync(path, { force: true });
  };
  process.on("exit", release);
  return release;
}

/** Makes the file unless it exists, whole from the first moment on; false if it does. */
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

/** Removes an outdated lock, unless somebody else has done that and taken it meanwhile. */
function discard(path: string, expected: string): void {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  if (read(aside) === expected) rmSync(aside);
  else renameSync(aside, path);
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** Undefined for a file that is empty or cut short: its writer did not live to finish it. */
function parse(text: string): LockHolder | undefined {
  try {
    const holder = JSON.parse(text);
    return Number.isInteger(holder?.pid) && Number.isInteger(holder?.started) ? holder : undefined;
  } catch {
    return undefined;
  }
}
