import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** Temporary folder for each test of a suite, or for all of them. Create it in `describe`; it is removed afterwards. */
export class TemporaryFolder {
  #root = "";

  constructor(lifetime: "test" | "suite" = "test") {
    const create = () => {
      this.#root = realpathSync(mkdtempSync(join(tmpdir(), "slipway-sandbox-")));
    };
    const remove = () => rmSync(this.#root, { recursive: true });
    if (lifetime === "test") {
      beforeEach(create);
      afterEach(remove);
    } else {
      create();
      after(remove);
    }
  }

  path = (...parts: string[]): string => join(this.#root, ...parts);

  /** Writes a file and creates its folder. @returns its path */
  write(path: string, text = "", mode?: number): string {
    const file = this.path(path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { mode });
    return file;
  }

  /** Writes a shell script. @returns its path */
  script = (path: string, commands = ""): string => this.write(path, `#!/bin/sh\n${commands}\n`, 0o755);
}
