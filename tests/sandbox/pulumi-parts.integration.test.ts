import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { repository } from "../../sandbox/paths.ts";
import { packageVersion } from "../../sandbox/plugins/version.ts";
import { OtherCheckout } from "./other-checkout.ts";

describe("pulumi and its official plugins", () => {
  const checkout = new OtherCheckout();
  const { PATH, PULUMI_HOME } = process.env;
  after(() => {
    Object.assign(process.env, { PATH });
    if (PULUMI_HOME === undefined) delete process.env.PULUMI_HOME;
    else process.env.PULUMI_HOME = PULUMI_HOME;
    checkout.remove();
  });

  const program = (path: string, script = "") => {
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  };

  it("are the machine's own where it has them: nothing is compiled, downloaded or put in their place", async () => {
    symlinkSync(join(repository, "node_modules"), checkout.path("node_modules"));
    const [bin, home] = [checkout.path("bin"), checkout.path("home")];
    program(join(bin, "pulumi"), `echo v${packageVersion("pulumi")}`);
    program(join(bin, "pulumi-language-nodejs"));
    const folders = ["kubernetes", "docker", "docker-build"].map((name) => {
      const folder = `resource-${name}-v${packageVersion(name)}`;
      program(join(home, "plugins", folder, `pulumi-resource-${name}`));
      return folder;
    });
    Object.assign(process.env, { PATH: [bin, PATH].join(delimiter), PULUMI_HOME: home });

    const { ensurePulumi } = await checkout.module("pulumi-parts.ts");
    await ensurePulumi();

    const plugins = checkout.path(".sandbox", "pulumi", "plugins");
    assert.deepEqual(readdirSync(plugins).sort(), folders.sort());
    for (const folder of folders) assert.equal(readlinkSync(join(plugins, folder)), join(home, "plugins", folder));
    assert.deepEqual(readdirSync(checkout.path(".sandbox")), ["pulumi"]);
  });
});
