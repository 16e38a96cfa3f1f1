import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { delimiter } from "node:path";
import { promisify } from "node:util";
import { paths } from "../../sandbox/paths.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

describe("npm run syft", () => {
  const folder = new TemporaryFolder();

  it("adds the folder of syft to the PATH of a job's later steps", async () => {
    // The machine's own syft, so that nothing is compiled.
    folder.script("syft");
    const folders = folder.path("folders");
    const env = { ...process.env, PATH: `${folder.path()}${delimiter}${process.env.PATH}`, GITHUB_PATH: folders };
    await promisify(execFile)(process.execPath, ["sandbox/install-syft.ts"], { env });
    assert.equal(readFileSync(folders, "utf8"), `${paths.bin}\n`);
  });
});
