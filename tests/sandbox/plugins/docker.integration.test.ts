import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ImageRepository, imageManifest } from "../../../registry/repository.ts";
import { registryImage } from "../../../sandbox/plugins/docker.ts";
import { installDockerPlugin } from "../../../sandbox/plugins/install.ts";
import { RegistryProcess } from "../../registry/registry-process.ts";
import { TemporaryFolder } from "../temporary-folder.ts";

describe("The substitute for the docker plugin", () => {
  const home = new TemporaryFolder();
  const registry = new RegistryProcess();
  before(() => registry.start());
  after(() => registry.stop());

  it("returns the digest that a tag points to", async () => {
    const repository = new ImageRepository(`${registry.address}/team/app`);
    const config = { ...(await repository.pushBlob("{}")), mediaType: "application/vnd.oci.image.config.v1+json" };
    const body = JSON.stringify({ schemaVersion: 2, mediaType: imageManifest, config, layers: [] });
    await repository.pushManifest("v1.7", imageManifest, body);
    const digest = (await repository.manifest("v1.7"))?.digest;
    const name = `${registry.address}/team/app:v1.7`;
    assert.deepEqual(await registryImage(name), { id: digest, name, sha256Digest: digest });
  });

  it("reports a tag that does not exist", async () => {
    const name = `${registry.address}/team/app:v9.9`;
    await assert.rejects(registryImage(name), { message: `the registry has no image ${name}` });
  });

  it("reports a registry that it cannot reach", async () => {
    await assert.rejects(
      registryImage("127.0.0.1:2/app:v1"),
      /^Error: the registry 127.0.0.1:2 can't be reached: .*ECONN/,
    );
  });

  it("refuses a name without a registry or a tag", async () => {
    for (const name of ["", "alpine", "localhost:5000/app", "localhost:5000/app@sha256:1"])
      await assert.rejects(registryImage(name), /is not an image with a registry and a tag/);
  });

  it("is installed in the version of the npm package, and can be installed again", () => {
    const { version } = JSON.parse(readFileSync("node_modules/@pulumi/docker/package.json", "utf8"));
    const folder = installDockerPlugin(home.path());
    const program = join(folder, "pulumi-resource-docker");
    const before = readFileSync(program, "utf8");
    assert.equal(folder, home.path("plugins", `resource-docker-v${version}`));
    assert.equal(statSync(program).mode & 0o111, 0o111);
    assert.ok(existsSync(join(folder, "PulumiPlugin.yaml")));
    execFileSync("sh", ["-n", program]);
    assert.equal(installDockerPlugin(home.path()), folder);
    assert.equal(readFileSync(program, "utf8"), before);
  });
});
