import assert from "node:assert/strict";
import { attach, attachments } from "../../registry/referrers.ts";
import { ImageRepository } from "../../registry/repository.ts";
import { RegistryProcess } from "./registry-process.ts";

const type = "application/vnd.example+json";

describe("Documents attached to an image", () => {
  const registry = new RegistryProcess();
  let repository: ImageRepository;
  let image: string;

  before(async () => {
    await registry.start();
    image = await registry.image("team/shop");
    repository = registry.repository("team/shop");
  });
  after(() => registry.stop());

  const listed = async (digest: string) =>
    JSON.parse((await repository.manifest(digest.replace(":", "-")))?.body ?? '{"manifests":[]}').manifests;

  it("are listed by their media type, each with the image that it belongs to", async () => {
    const digest = await attach(repository, image, { type, content: '{"a":1}' });
    await attach(repository, image, { type: "text/plain", content: "b" });
    assert.deepEqual(await attachments(repository, image, type), [{ subject: image, digest }]);
    assert.equal((await repository.blob(digest))?.toString(), '{"a":1}');
    const [other] = await attachments(repository, image, "text/plain");
    assert.equal((await repository.blob(other?.digest ?? ""))?.toString(), "b");
  });

  it("do not change the image, and are listed once", async () => {
    const [before, listedBefore] = [await repository.manifest(image), await listed(image)];
    await attach(repository, image, { type, content: '{"a":1}' });
    assert.deepEqual(await repository.manifest(image), before);
    assert.equal((await listed(image)).length, listedBefore.length);
  });

  it("are not listed if the registry lost them, and can be attached again beside others", async () => {
    const content = '{"lost":true}';
    await attach(repository, image, { type: "application/vnd.lost", content });
    const { digest } = (await listed(image)).find(
      ({ artifactType }: { artifactType: string }) => artifactType === "application/vnd.lost",
    );
    await registry.delete("team/shop", digest);
    assert.deepEqual(await attachments(repository, image, "application/vnd.lost"), []);
    await attach(repository, image, { type: "application/vnd.next", content });
    assert.equal((await attachments(repository, image, "application/vnd.next")).length, 1);
    await attach(repository, image, { type: "application/vnd.lost", content });
    assert.equal((await attachments(repository, image, "application/vnd.lost")).length, 1);
  });

  it("are not listed if the registry has other bytes under their digest", async () => {
    const digest = await attach(repository, image, { type: "application/vnd.other", content: "as it was" });
    registry.overwrite(digest, "as it is");
    assert.equal((await repository.blob(digest))?.toString(), undefined);
    const { digest: manifest } = (await listed(image)).at(-1);
    const { body = "{}" } = (await repository.manifest(manifest)) ?? {};
    registry.overwrite(manifest, JSON.stringify({ ...JSON.parse(body), annotations: { forged: "yes" } }));
    assert.deepEqual(await attachments(repository, image, "application/vnd.other"), []);
  });

  it("need an existing image", async () => {
    const missing = `sha256:${"0".repeat(64)}`;
    await assert.rejects(attach(repository, missing, { type, content: "{}" }), {
      message: `there is no image ${missing} to attach a document to`,
    });
  });

  it("can't be read if the registry is out of reach", async () => {
    const nowhere = new ImageRepository("127.0.0.1:1/team/shop");
    await assert.rejects(attachments(nowhere, image, type), /^Error: the registry 127\.0\.0\.1:1 can't be reached: .*/);
  });
});
