import { cpSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { repository } from "../../sandbox/paths.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

/** Another checkout with only the sandbox's code and its imports, so that it uses a `.sandbox` of its own. */
export class OtherCheckout extends TemporaryFolder {
  constructor() {
    super("suite");
    for (const folder of ["sandbox", "settings", "commands/cli"])
      cpSync(join(repository, folder), this.path(folder), { recursive: true });
  }

  /** Imports a module of its sandbox, as in `leftovers.ts`. */
  module = (name: string) => import(pathToFileURL(this.path("sandbox", name)).href);
}
