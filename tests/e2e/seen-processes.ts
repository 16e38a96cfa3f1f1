import { readFileSync } from "node:fs";
import { allProcesses } from "../../sandbox/process-identity.ts";
import type { KnownValues } from "./known-values.ts";

/**
 * Looks at every process of the machine, those in containers and builds too, ten times a second: what `ps` shows of it to
 * everybody, and its environment, which the kernel shows to its own user and to root. A process that lives for less than that
 * can be missed.
 */
export class SeenProcesses {
  /** Values that stood in a command line, each with that line. */
  readonly inArguments = new Set<string>();
  /** Values that stood in an environment, each with that command line. */
  readonly inEnvironment = new Set<string>();
  /** Every command line that was seen. */
  readonly commandLines = new Set<string>();
  readonly #timer: NodeJS.Timeout;

  constructor(values: KnownValues) {
    this.#timer = setInterval(() => this.#look(values), 100);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(values: KnownValues): void {
    for (const pid of allProcesses()) {
      const bytes = read(pid, "cmdline");
      const line = bytes.toString().replaceAll("\0", " ").trim();
      this.commandLines.add(line);
      for (const found of values.in(bytes)) this.inArguments.add(`${found}: ${line}`);
      for (const found of values.in(read(pid, "environ"))) this.inEnvironment.add(`${found}: ${line}`);
    }
  }
}

/** Empty for a process that has ended meanwhile. */
function read(pid: number, file: string): Buffer {
  try {
    return readFileSync(`/proc/${pid}/${file}`);
  } catch {
    return Buffer.alloc(0);
  }
}
