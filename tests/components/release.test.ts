import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { readContent } from "../../components/content-key.ts";
import { Release } from "../../components/release.ts";
import { deploy, digest, only, resolved } from "../deploy.ts";

const repository = "registry.example.com/team/shop";
const content = readContent({ context: "app", args: { MODE: "fast" } });
const image = "docker-build:index:Image";

describe("Release", () => {
  it("pushes under the content key, from a staged copy, reproducibly", async () => {
    const { resources } = await deploy(() => new Release("app", { repository, content }));
    const { inputs } = only(resources, image);
    assert.deepEqual(inputs.tags, [`${repository}:${content.key}`]);
    assert.deepEqual(inputs.context, { location: `.slipway/builds/${content.key}/context` });
    assert.deepEqual(inputs.dockerfile, { location: `.slipway/builds/${content.key}/Dockerfile` });
    assert.deepEqual(inputs.buildArgs, { MODE: "fast", SOURCE_DATE_EPOCH: "0" });
    assert.deepEqual(inputs.exports, [{ raw: "type=registry,rewrite-timestamp=true,compression=zstd" }]);
    assert.equal(inputs.buildOnPreview, false);
  });

  it("is known by its digest", async () => {
    const { result } = await deploy(() => new Release("app", { repository, content }));
    assert.equal(await resolved(result.image), `${repository}@${digest}`);
  });

  it("outlives the stack", async () => {
    const { resources } = await deploy(() => new Release("app", { repository, content }));
    assert.equal(only(resources, image).retainOnDelete, true);
  });

  it("hands secrets to the build as secrets, and keeps them out of the arguments", async () => {
    const secrets = { TOKEN: pulumi.secret("s3cret") };
    const { resources } = await deploy(() => new Release("app", { repository, content, secrets }));
    const { inputs } = only(resources, image);
    assert.equal(inputs.secrets.value.TOKEN, "s3cret");
    assert.deepEqual(inputs.buildArgs, { MODE: "fast", SOURCE_DATE_EPOCH: "0" });
  });
});
