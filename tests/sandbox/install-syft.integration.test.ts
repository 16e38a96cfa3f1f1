import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { paths } from "../../sandbox/paths.ts";

describe("npm run syft", () => {
  it("puts a syft on the PATH of the later steps", async () => {
    const folder = mkdtempSync(join(tmpdir(), "slipway-syft-"));
    try {
      // The machine's own, so that nothing is compiled here.
      writeFileSync(join(folder, "syft"), "#!/bin/sh\n");
      chmodSync(join(folder, "syft"), 0o755);
      const folders = join(folder, "folders");
      const env = { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}`, GITHUB_PATH: folders };
      await promisify(execFile)(process.execPath, ["sandbox/install-syft.ts"], { env });
      assert.equal(readFileSync(folders, "utf8"), `${paths.bin}\n`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
