import { readFileSync } from "node:fs";
import { allProcesses } from "../../sandbox/process-identity.ts";
import type { SecretSearch } from "./secret-search.ts";

/**
 * Looks for secrets ten times a second in the command lines, which every user can read, and in the environments of all processes of
 * the machine. May miss a process that lives for less than that.
 */
export class ProcessWatch {
  /** Secrets in command lines, each with its line. */
  readonly inArguments = new Set<string>();
  /** Secrets in environments, each with the command line. */
  readonly inEnvironment = new Set<string>();
  /** All command lines. */
  readonly commandLines = new Set<string>();
  readonly #timer: NodeJS.Timeout;

  constructor(search: SecretSearch) {
    this.#timer = setInterval(() => this.#look(search), 100);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(search: SecretSearch): void {
    for (const pid of allProcesses()) {
      const bytes = read(pid, "cmdline");
      const line = bytes.toString().replaceAll("\0", " ").trim();
      this.commandLines.add(line);
      for (const secret of search.in(bytes)) this.inArguments.add(`${secret}: ${line}`);
      for (const secret of search.in(read(pid, "environ"))) this.inEnvironment.add(`${secret}: ${line}`);
    }
  }
}

/** Reads a file of a process; empty if the process has ended. */
function read(pid: number, file: string): Buffer {
  try {
    return readFileSync(`/proc/${pid}/${file}`);
  } catch {
    return Buffer.alloc(0);
  }
}
