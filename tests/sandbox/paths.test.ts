import assert from "node:assert/strict";
import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { repository } from "../../sandbox/paths.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

describe("The sandbox's folder", () => {
  const checkout = new TemporaryFolder();

  it("has one path, even if several checkouts link to it, because services would not recognize their mounts under two", async () => {
    cpSync(join(repository, "sandbox", "paths.ts"), checkout.path("sandbox", "paths.ts"));
    mkdirSync(checkout.path("elsewhere"));
    symlinkSync(checkout.path("elsewhere"), checkout.path(".sandbox"));
    const { paths } = await import(pathToFileURL(checkout.path("sandbox", "paths.ts")).href);
    assert.equal(paths.root, checkout.path("elsewhere"));
    assert.equal(paths.data, checkout.path("elsewhere", "data"));
  });
});
