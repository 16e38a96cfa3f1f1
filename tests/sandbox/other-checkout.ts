import { cpSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { repository } from "../../sandbox/paths.ts";

/** Another checkout, with the sandbox's code alone: whatever that does, it does to a `.sandbox` of its own. */
export class OtherCheckout {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), "slipway-checkout-")));

  constructor() {
    cpSync(join(repository, "sandbox"), this.path("sandbox"), { recursive: true });
  }

  path = (...parts: string[]): string => join(this.folder, ...parts);

  /** A module of its sandbox, as in `leftovers.ts`. */
  module = (name: string) => import(pathToFileURL(this.path("sandbox", name)).href);

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
