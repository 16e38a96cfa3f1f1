import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { repository } from "../../sandbox/paths.ts";

describe("The npm packages", () => {
  let checkout: string;
  const write = (path: string, packages: object) => writeFileSync(join(checkout, path), JSON.stringify({ packages }));
  const wanted = {
    "": { name: "slipway" },
    "node_modules/zod": { version: "4.6.7" },
    "node_modules/other-machines": { version: "1.0.0", optional: true },
  };

  beforeEach(() => {
    checkout = mkdtempSync(join(tmpdir(), "slipway-packages-"));
    for (const folder of ["sandbox", "node_modules", "bin"]) mkdirSync(join(checkout, folder));
    cpSync(join(repository, "sandbox", "packages.js"), join(checkout, "sandbox", "packages.js"));
    writeFileSync(join(checkout, "package.json"), '{ "type": "module" }');
    write("package-lock.json", wanted);
  });
  afterEach(() => rmSync(checkout, { recursive: true }));

  /** Runs it with an npm that does this, and says whether npm was called. */
  function install(npm = "exit 0") {
    writeFileSync(join(checkout, "bin", "npm"), `#!/bin/sh\ntouch ${join(checkout, "called")}\n${npm}\n`, {
      mode: 0o755,
    });
    const env = { ...process.env, PATH: [join(checkout, "bin"), process.env.PATH].join(delimiter) };
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(checkout, "sandbox", "packages.js")], { env });
    return { status, said: `${stdout}${stderr}`, called: existsSync(join(checkout, "called")) };
  }

  it("are installed if there are none, which is said", () => {
    const { status, said, called } = install();
    assert.deepEqual([status, called], [0, true]);
    assert.match(said, /^npm ci: the packages of package-lock\.json are missing/);
  });

  it("are installed again if one has another version", () => {
    write("node_modules/.package-lock.json", { "node_modules/zod": { version: "4.6.6" } });
    assert.equal(install().called, true);
  });

  it("are left alone if all are there that this machine needs", () => {
    write("node_modules/.package-lock.json", { "node_modules/zod": { version: "4.6.7" } });
    assert.deepEqual(install(), { status: 0, said: "", called: false });
  });

  it("end the command if they can't be installed", () => {
    const { status, said } = install("exit 3");
    assert.equal(status, 3);
    assert.match(said, /npm ci failed; its output above says why/);
  });
});
