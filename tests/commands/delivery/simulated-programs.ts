import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** What an executable was called with, and what it was given to read. */
export interface Call {
  readonly args: readonly string[];
  readonly input: string;
}

/**
 * Programs that stand on the PATH instead of the real ones, in a folder of their own: each writes down how it was called,
 * and answers what the first matching rule says.
 */
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
    const cases = rules.map(({ when, print = "", code = 0 }, place) => {
      writeFileSync(join(bin, `${name}.${place}`), print);
      return `  ${when.replaceAll(" ", "\\ ")}) cat '${join(bin, `${name}.${place}`)}'; exit ${code};;`;
    });
    const log = join(this.folder, `${name}.calls`);
    const script = [
      "#!/bin/sh",
      // An argument a line would not do: bodies have lines of their own.
      `{ printf '%s\\0' "$@"; case " $* " in *" --input - "*|*" --body-file - "*|*" --password-stdin "*) printf '\\001'; cat;; esac; printf '\\002'; } >>'${log}'`,
      'case "$*" in',
      ...cases,
      `  *) echo "${name}: unexpected: $*" >&2; exit 99;;`,
      "esac",
    ];
    writeFileSync(join(bin, name), script.join("\n"));
    chmodSync(join(bin, name), 0o755);
    process.env.PATH = `${bin}${delimiter}${this.#path}`;
  }

  /** How the program was called so far. */
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
