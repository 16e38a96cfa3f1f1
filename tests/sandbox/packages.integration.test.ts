import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { repository } from "../../sandbox/paths.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

describe("The npm packages", () => {
  const checkout = new TemporaryFolder();
  const write = (path: string, packages: object) => checkout.write(path, JSON.stringify({ packages }));
  const wanted = {
    "": { name: "slipway" },
    "node_modules/zod": { version: "4.6.7" },
    "node_modules/other-machines": { version: "1.0.0", optional: true },
  };

  beforeEach(() => {
    cpSync(join(repository, "sandbox", "packages.js"), checkout.path("sandbox", "packages.js"));
    checkout.write("package.json", '{ "type": "module" }');
    write("package-lock.json", wanted);
  });

  /** Runs the installer with a simulated npm. */
  function install(npm = "exit 0") {
    checkout.script("bin/npm", `touch ${checkout.path("called")}\n${npm}`);
    const env = { ...process.env, PATH: [checkout.path("bin"), process.env.PATH].join(delimiter) };
    const { status, stdout, stderr } = spawnSync(process.execPath, [checkout.path("sandbox", "packages.js")], { env });
    return { status, output: `${stdout}${stderr}`, called: existsSync(checkout.path("called")) };
  }

  it("are installed if there are none, with a message", () => {
    const { status, output, called } = install();
    assert.deepEqual([status, called], [0, true]);
    assert.match(output, /^npm ci: the packages of package-lock\.json are missing/);
  });

  it("are installed again if one has another version", () => {
    write("node_modules/.package-lock.json", { "node_modules/zod": { version: "4.6.6" } });
    assert.equal(install().called, true);
  });

  it("are not installed again if this machine has all that it needs", () => {
    write("node_modules/.package-lock.json", { "node_modules/zod": { version: "4.6.7" } });
    assert.deepEqual(install(), { status: 0, output: "", called: false });
  });

  it("end the command if they cannot be installed", () => {
    const { status, output } = install("exit 3");
    assert.equal(status, 3);
    assert.match(output, /npm ci failed; its output above says why/);
  });
});
