import assert from "node:assert/strict";
import { readdirSync, readlinkSync, symlinkSync } from "node:fs";
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
  });

  it("are the machine's own if it has them, without compilations, downloads or substitutes", async () => {
    symlinkSync(join(repository, "node_modules"), checkout.path("node_modules"));
    const [bin, home] = [checkout.path("bin"), checkout.path("home")];
    checkout.script("bin/pulumi", `echo v${packageVersion("pulumi")}`);
    checkout.script("bin/pulumi-language-nodejs");
    const folders = ["kubernetes", "docker", "docker-build"].map((name) => {
      const folder = `resource-${name}-v${packageVersion(name)}`;
      checkout.script(`home/plugins/${folder}/pulumi-resource-${name}`);
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
