import assert from "node:assert/strict";
import { resolveBaseImages } from "../../registry/base-images.ts";
import { imageIndex } from "../../registry/repository.ts";
import { RegistryProcess } from "./registry-process.ts";

const pinned = `sha256:${"5".repeat(64)}`;
const hexadecimal = (digest: string) => ({ sha256: digest.replace("sha256:", "") });
const layers = (...names: string[]) => names.map((name) => `sha256:${name.repeat(64)}`);

describe("The digest of a base image", () => {
  const registry = new RegistryProcess();
  let base: string;
  let other: string;
  let built: Parameters<typeof resolveBaseImages>[0];

  before(async () => {
    await registry.start();
    base = await registry.image("library/base", [], "1", layers("a", "b"));
    other = await registry.image("library/other", [], "1", layers("a", "c"));
    const digest = await registry.image("team/shop", [], undefined, layers("a", "b", "d"));
    built = {
      repository: registry.repository("team/shop"),
      digest,
      platform: "linux/amd64",
    };
  });
  after(() => registry.stop());

  const resolve = async (name: string, providesLayers = true, platform = "linux/amd64") =>
    (await resolveBaseImages({ ...built, platform }, [{ name, providesLayers }]))[0];

  it("is the one with the layers that the image begins with", async () => {
    const name = `${registry.address}/library/base:1`;
    assert.deepEqual(await resolve(name), {
      name,
      uri: `pkg:docker/${name.replace(":1", "")}@1`,
      digest: hexadecimal(base),
      downloadLocation: `${registry.address}/library/base@${base}`,
      annotations: { evidence: "layers" },
    });
  });

  it("is found in the image's registry if its own registry is out of reach, as behind a mirror", async () => {
    const dependency = await resolve("127.0.0.1:1/library/base:1");
    assert.equal(dependency?.uri, "pkg:docker/127.0.0.1:1/library/base@1");
    assert.deepEqual(dependency?.digest, hexadecimal(base));
    assert.equal(dependency?.downloadLocation, `${registry.address}/library/base@${base}`);
  });

  it("is refused, with a remedy, if the name points to an image that was not built on", async () => {
    await assert.rejects(resolve("127.0.0.1:1/library/other:1"), (error: Error) => {
      const lines = error.message.split("\n");
      assert.equal(lines[0], "the digest of the base image 127.0.0.1:1/library/other:1 can't be determined:");
      assert.match(
        lines[1] ?? "",
        /^ {4}127\.0\.0\.1:1\/library\/other: the registry 127\.0\.0\.1:1 can't be reached: /,
      );
      assert.equal(
        lines[2],
        `    ${registry.address}/library/other: ${other}, but the image does not begin with its layers`,
      );
      assert.match(lines[3] ?? "", /FROM 127\.0\.0\.1:1\/library\/other:1@sha256:…, and release/);
      return true;
    });
  });

  it("is only known by its name if the image has none of its layers", async () => {
    const dependency = await resolve(`${registry.address}/library/other:1`, false);
    assert.deepEqual(dependency?.digest, hexadecimal(other));
    assert.deepEqual(dependency?.annotations, { evidence: "name" });
  });

  it("is the one in the Dockerfile, if it has one, without asking a registry", async () => {
    assert.deepEqual(await resolve(`127.0.0.1:1/library/base:1@${pinned}`), {
      name: `127.0.0.1:1/library/base:1@${pinned}`,
      uri: "pkg:docker/127.0.0.1:1/library/base@1",
      digest: hexadecimal(pinned),
      annotations: { evidence: "pinned" },
    });
    assert.equal((await resolve(`python@${pinned}`))?.uri, `pkg:docker/python@${pinned}`);
    assert.equal((await resolve(`bitnami/redis:8@${pinned}`))?.uri, "pkg:docker/bitnami/redis@8");
  });

  it("is that of the index, proved by the layers of the built platform", async () => {
    const manifests = [
      { digest: other, platform: { os: "linux", architecture: "arm64", variant: "v8" } },
      { digest: base, platform: { os: "linux", architecture: "amd64" } },
    ];
    // Both have to be in the repository of the list.
    await registry.image("library/many", [], "arm", layers("a", "c"));
    await registry.image("library/many", [], "amd", layers("a", "b"));
    const many = registry.repository("library/many");
    const descriptors = manifests.map(async (each) => {
      const { mediaType, body = "" } = (await many.manifest(each.digest)) ?? {};
      return { ...each, mediaType, size: body.length };
    });
    const index = { schemaVersion: 2, mediaType: imageIndex, manifests: await Promise.all(descriptors) };
    await many.pushManifest("1", imageIndex, JSON.stringify(index));
    const all = (await many.manifest("1"))?.digest ?? "";
    assert.deepEqual((await resolve(`${registry.address}/library/many:1`))?.digest, hexadecimal(all));
    await assert.rejects(
      resolve(`${registry.address}/library/many:1`, true, "linux/s390x"),
      /there is no 1 for linux\/s390x/,
    );
  });
});
