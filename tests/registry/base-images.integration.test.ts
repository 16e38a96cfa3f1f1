import assert from "node:assert/strict";
import { resolveBaseImages } from "../../registry/base-images.ts";
import { ImageRepository, imageIndex } from "../../registry/repository.ts";
import { RegistryProcess } from "./registry-process.ts";

const pinned = `sha256:${"5".repeat(64)}`;
const hexadecimal = (digest: string) => ({ sha256: digest.replace("sha256:", "") });
const layers = (...names: string[]) => names.map((name) => `sha256:${name.repeat(64)}`);

describe("A base image's digest", () => {
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
      repository: new ImageRepository(`${registry.address}/team/shop`),
      digest,
      platform: "linux/amd64",
    };
  });
  after(() => registry.stop());

  const find = async (name: string, providesLayers = true, platform = "linux/amd64") =>
    (await resolveBaseImages({ ...built, platform }, [{ name, providesLayers }]))[0];

  it("is the one whose layers the image begins with", async () => {
    const name = `${registry.address}/library/base:1`;
    assert.deepEqual(await find(name), {
      name,
      uri: `pkg:docker/${name.replace(":1", "")}@1`,
      digest: hexadecimal(base),
      downloadLocation: `${registry.address}/library/base@${base}`,
      annotations: { evidence: "layers" },
    });
  });

  it("is found where the image is pushed to, when its own registry is out of reach, as behind a mirror", async () => {
    const found = await find("127.0.0.1:1/library/base:1");
    assert.equal(found?.uri, "pkg:docker/127.0.0.1:1/library/base@1");
    assert.deepEqual(found?.digest, hexadecimal(base));
    assert.equal(found?.downloadLocation, `${registry.address}/library/base@${base}`);
  });

  it("is not what the name points to now, when the image was built on something else: told with both, and what to do", async () => {
    await assert.rejects(find("127.0.0.1:1/library/other:1"), (error: Error) => {
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

  it("is what the name points to, and said to be no more than that, where only files are copied from it", async () => {
    const found = await find(`${registry.address}/library/other:1`, false);
    assert.deepEqual(found?.digest, hexadecimal(other));
    assert.deepEqual(found?.annotations, { evidence: "name" });
  });

  it("is the one in the Dockerfile where that has one, and nobody is asked", async () => {
    assert.deepEqual(await find(`127.0.0.1:1/library/base:1@${pinned}`), {
      name: `127.0.0.1:1/library/base:1@${pinned}`,
      uri: "pkg:docker/127.0.0.1:1/library/base@1",
      digest: hexadecimal(pinned),
      annotations: { evidence: "pinned" },
    });
    assert.equal((await find(`python@${pinned}`))?.uri, `pkg:docker/python@${pinned}`);
    assert.equal((await find(`bitnami/redis:8@${pinned}`))?.uri, "pkg:docker/bitnami/redis@8");
  });

  it("is that of all platforms together, proved by the layers of the one that was built", async () => {
    const manifests = [
      { digest: other, platform: { os: "linux", architecture: "arm64", variant: "v8" } },
      { digest: base, platform: { os: "linux", architecture: "amd64" } },
    ];
    // Both have to be in the repository of the list.
    await registry.image("library/many", [], "arm", layers("a", "c"));
    await registry.image("library/many", [], "amd", layers("a", "b"));
    const sizes = await Promise.all(
      manifests.map(async ({ digest, platform }) => {
        const manifest = await new ImageRepository(`${registry.address}/library/many`).manifest(digest);
        return { digest, platform, mediaType: manifest?.mediaType, size: manifest?.body.length };
      }),
    );
    const index = JSON.stringify({ schemaVersion: 2, mediaType: imageIndex, manifests: sizes });
    const many = new ImageRepository(`${registry.address}/library/many`);
    await many.pushManifest("1", imageIndex, index);
    const all = (await many.manifest("1"))?.digest ?? "";
    assert.deepEqual((await find(`${registry.address}/library/many:1`))?.digest, hexadecimal(all));
    await assert.rejects(
      find(`${registry.address}/library/many:1`, true, "linux/s390x"),
      /there is no 1 for linux\/s390x/,
    );
  });
});
