import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { repository } from "../../sandbox/paths.ts";

describe("The sandbox's folder", () => {
  const checkout = realpathSync(mkdtempSync(join(tmpdir(), "slipway-paths-")));
  after(() => rmSync(checkout, { recursive: true }));

  it("has one name, whichever checkout links to it: services that know it by two take their mounts for somebody else's", async () => {
    cpSync(join(repository, "sandbox", "paths.ts"), join(checkout, "sandbox", "paths.ts"));
    mkdirSync(join(checkout, "elsewhere"));
    symlinkSync(join(checkout, "elsewhere"), join(checkout, ".sandbox"));
    const { paths } = await import(pathToFileURL(join(checkout, "sandbox", "paths.ts")).href);
    assert.equal(paths.root, join(checkout, "elsewhere"));
    assert.equal(paths.data, join(checkout, "elsewhere", "data"));
  });
});
