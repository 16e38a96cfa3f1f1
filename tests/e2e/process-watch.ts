import { allProcesses } from "../../sandbox/process-identity.ts";
import { commandLine, readProcess } from "./processes.ts";
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
      const line = commandLine(pid);
      this.commandLines.add(line);
      for (const secret of search.in(line)) this.inArguments.add(`${secret}: ${line}`);
      for (const secret of search.in(readProcess(pid, "environ"))) this.inEnvironment.add(`${secret}: ${line}`);
    }
  }
}
