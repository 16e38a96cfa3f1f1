import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** Arguments and standard input of a call. */
export interface Call {
  readonly args: readonly string[];
  readonly input: string;
}

/** Simulated programs, which replace the real ones on the PATH. They log their calls, and answer by rules. */
export class SimulatedPrograms {
  readonly folder = mkdtempSync(join(tmpdir(), "slipway-delivery-"));
  readonly #path = process.env.PATH;

  /**
   * @param rules shell patterns over the arguments, in order, each with what is printed and the exit code; what none matches
   * fails. `{folder}` in them is the programs's folder.
   */
  program(name: string, rules: readonly { when: string; print?: string; code?: number }[]): void {
    const bin = join(this.folder, "bin");
    mkdirSync(bin, { recursive: true });
    const cases = rules.map(({ when, print = "", code = 0 }, index) => {
      writeFileSync(join(bin, `${name}.${index}`), print);
      return `  ${when.replaceAll(" ", "\\ ")}) cat '${join(bin, `${name}.${index}`)}'; exit ${code};;`;
    });
    const log = join(this.folder, `${name}.calls`);
    const script = [
      "#!/bin/sh",
      // Separated by NUL, because arguments may have several lines.
      `{ printf '%s\\0' "$@"; case " $* " in *" --password-stdin "*) printf '\\001'; cat;; esac; printf '\\002'; } >>'${log}'`,
      'case "$*" in',
      ...cases,
      `  *) echo "${name}: unexpected: $*" >&2; exit 99;;`,
      "esac",
    ];
    writeFileSync(join(bin, name), script.join("\n"));
    chmodSync(join(bin, name), 0o755);
    process.env.PATH = `${bin}${delimiter}${this.#path}`;
  }

  /** Calls of a program so far. */
  calls(name: string): Call[] {
    const log = join(this.folder, `${name}.calls`);
    const text = existsSync(log) ? readFileSync(log, "utf8") : "";
    return text
      .split("\u0002")
      .slice(0, -1)
      .map((call) => {
        const [args = "", input = ""] = call.split("\u0001");
        return { args: args.split("\0").slice(0, -1), input };
      });
  }

  file(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  remove(): void {
    process.env.PATH = this.#path;
    rmSync(this.folder, { recursive: true });
  }
}
