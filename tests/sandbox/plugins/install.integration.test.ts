import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installPlugin, type StandIn } from "../../../sandbox/plugins/install.ts";

const packages: { [name in StandIn]: string } = { kubernetes: "@pulumi/kubernetes", docker: "@pulumi/docker" };

describe("installPlugin", () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "plugins-"));
  });
  afterEach(() => rmSync(home, { recursive: true }));

  for (const name of ["kubernetes", "docker"] as const) {
    it(`puts ${name} where the engine looks for the version of its npm package`, () => {
      const manifest = readFileSync(`node_modules/${packages[name]}/package.json`, "utf8");
      const folder = installPlugin(name, home);
      assert.equal(folder, join(home, "plugins", `resource-${name}-v${JSON.parse(manifest).version}`));
      assert.equal(statSync(join(folder, `pulumi-resource-${name}`)).mode & 0o111, 0o111);
      assert.ok(existsSync(join(folder, "PulumiPlugin.yaml")));
      execFileSync("sh", ["-n", join(folder, `pulumi-resource-${name}`)]);
    });
  }

  it("can be repeated", () => {
    const folder = installPlugin("docker", home);
    const before = readFileSync(join(folder, "pulumi-resource-docker"), "utf8");
    assert.equal(installPlugin("docker", home), folder);
    assert.equal(readFileSync(join(folder, "pulumi-resource-docker"), "utf8"), before);
  });
});
