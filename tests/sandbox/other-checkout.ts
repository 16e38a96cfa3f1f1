import { cpSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { repository } from "../../sandbox/paths.ts";

/** Another checkout, with nothing but the sandbox's code and what that imports: whatever that does, it does to a `.sandbox` of its own. */
export class OtherCheckout {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), "slipway-checkout-")));

  constructor() {
    for (const folder of ["sandbox", "settings", "commands/cli"])
      cpSync(join(repository, folder), this.path(folder), { recursive: true });
  }

  path = (...parts: string[]): string => join(this.folder, ...parts);

  /** A module of its sandbox, as in `leftovers.ts`. */
  module = (name: string) => import(pathToFileURL(this.path("sandbox", name)).href);

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
