import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ImageRepository, imageManifest } from "../../../registry/repository.ts";
import { registryImage } from "../../../sandbox/plugins/docker.ts";
import { installDockerPlugin } from "../../../sandbox/plugins/install.ts";
import { RegistryProcess } from "../../registry/registry-process.ts";

describe("The docker plugin's stand-in", () => {
  const registry = new RegistryProcess();
  before(() => registry.start());
  after(() => registry.stop());

  it("answers which digest a tag points to now", async () => {
    const repository = new ImageRepository(`${registry.address}/team/app`);
    const config = { ...(await repository.pushBlob("{}")), mediaType: "application/vnd.oci.image.config.v1+json" };
    const body = JSON.stringify({ schemaVersion: 2, mediaType: imageManifest, config, layers: [] });
    await repository.pushManifest("v1.7", imageManifest, body);
    const digest = (await repository.manifest("v1.7"))?.digest;
    const name = `${registry.address}/team/app:v1.7`;
    assert.deepEqual(await registryImage(name), { id: digest, name, sha256Digest: digest });
  });

  it("says in one sentence that there is no such tag", async () => {
    const name = `${registry.address}/team/app:v9.9`;
    await assert.rejects(registryImage(name), { message: `the registry has no image ${name}` });
  });

  it("says in one sentence that the registry is out of reach", async () => {
    await assert.rejects(
      registryImage("127.0.0.1:2/app:v1"),
      /^Error: the registry 127.0.0.1:2 can't be reached: .*ECONN/,
    );
  });

  it("refuses what is not an image with a registry and a tag", async () => {
    for (const name of ["", "alpine", "localhost:5000/app", "localhost:5000/app@sha256:1"])
      await assert.rejects(registryImage(name), /is not an image with a registry and a tag/);
  });

  it("is put where the engine looks for the version of the npm package, and can be put there again", () => {
    const home = mkdtempSync(join(tmpdir(), "plugins-"));
    try {
      const { version } = JSON.parse(readFileSync("node_modules/@pulumi/docker/package.json", "utf8"));
      const folder = installDockerPlugin(home);
      const program = join(folder, "pulumi-resource-docker");
      const before = readFileSync(program, "utf8");
      assert.equal(folder, join(home, "plugins", `resource-docker-v${version}`));
      assert.equal(statSync(program).mode & 0o111, 0o111);
      assert.ok(existsSync(join(folder, "PulumiPlugin.yaml")));
      execFileSync("sh", ["-n", program]);
      assert.equal(installDockerPlugin(home), folder);
      assert.equal(readFileSync(program, "utf8"), before);
    } finally {
      rmSync(home, { recursive: true });
    }
  });
});
