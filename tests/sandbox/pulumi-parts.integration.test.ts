import assert from "node:assert/strict";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { repository } from "../../sandbox/places.ts";
import { packageVersion } from "../../sandbox/plugins/version.ts";

describe("pulumi and its official plugins", () => {
  const checkout = realpathSync(mkdtempSync(join(tmpdir(), "slipway-pulumi-")));
  const { PATH, PULUMI_HOME } = process.env;
  after(() => {
    Object.assign(process.env, { PATH });
    if (PULUMI_HOME === undefined) delete process.env.PULUMI_HOME;
    else process.env.PULUMI_HOME = PULUMI_HOME;
    rmSync(checkout, { recursive: true });
  });

  const program = (path: string, script = "") => {
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  };

  it("are the machine's own where it has them: nothing is compiled, downloaded or put in their place", async () => {
    cpSync(join(repository, "sandbox"), join(checkout, "sandbox"), { recursive: true });
    symlinkSync(join(repository, "node_modules"), join(checkout, "node_modules"));
    const [bin, home] = [join(checkout, "bin"), join(checkout, "home")];
    program(join(bin, "pulumi"), `echo v${packageVersion("pulumi")}`);
    program(join(bin, "pulumi-language-nodejs"));
    const folders = ["kubernetes", "docker", "docker-build"].map((name) => {
      const folder = `resource-${name}-v${packageVersion(name)}`;
      program(join(home, "plugins", folder, `pulumi-resource-${name}`));
      return folder;
    });
    Object.assign(process.env, { PATH: [bin, PATH].join(delimiter), PULUMI_HOME: home });

    const { ensurePulumi } = await import(pathToFileURL(join(checkout, "sandbox", "pulumi-parts.ts")).href);
    await ensurePulumi();

    const plugins = join(checkout, ".sandbox", "pulumi", "plugins");
    assert.deepEqual(readdirSync(plugins).sort(), folders.sort());
    for (const folder of folders) assert.equal(readlinkSync(join(plugins, folder)), join(home, "plugins", folder));
    assert.deepEqual(readdirSync(join(checkout, ".sandbox")), ["pulumi"]);
  });
});
