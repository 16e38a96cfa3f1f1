import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Empty folders of one test file. */
export class TemporaryFolders {
  readonly paths: string[] = [];

  readonly make = (): string => {
    const path = mkdtempSync(join(tmpdir(), "slipway-e2e-"));
    this.paths.push(path);
    return path;
  };

  readonly removeAll = (): void => {
    for (const path of this.paths) rmSync(path, { recursive: true, force: true });
  };
}
