import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { Release } from "../../components/release.ts";
import { deploy, digest, only, resolved } from "../deploy.ts";

const repository = "registry.example.com/team/shop";
const image = "docker-build:index:Image";

describe("Release", () => {
  it("pushes under the content key, from a staged copy, reproducibly", async () => {
    const { resources, result } = await deploy(() => new Release("app", { repository, build: { context: "app" } }));
    const { inputs } = only(resources, image);
    assert.deepEqual(inputs.tags, [`${repository}:${result.key}`]);
    assert.deepEqual(inputs.context, { location: `.slipway/builds/${result.key}/context` });
    assert.deepEqual(inputs.dockerfile, { location: `.slipway/builds/${result.key}/Dockerfile` });
    assert.equal(inputs.buildArgs.SOURCE_DATE_EPOCH, "0");
    assert.deepEqual(inputs.exports, [{ raw: "type=registry,rewrite-timestamp=true" }]);
    assert.equal(inputs.buildOnPreview, false);
  });

  it("is known by its digest", async () => {
    const { result } = await deploy(() => new Release("app", { repository, build: { context: "app" } }));
    assert.equal(await resolved(result.image), `${repository}@${digest}`);
  });

  it("outlives the stack", async () => {
    const { resources } = await deploy(() => new Release("app", { repository, build: { context: "app" } }));
    assert.equal(only(resources, image).retainOnDelete, true);
  });

  it("hands secrets to the build as secrets, and keeps them out of the key and the arguments", async () => {
    const build = { context: "app", args: { MODE: "fast" } };
    const plain = await deploy(() => new Release("app", { repository, build }));
    const secrets = { TOKEN: pulumi.secret("s3cret") };
    const { resources, result } = await deploy(() => new Release("app", { repository, build: { ...build, secrets } }));
    assert.equal(result.key, plain.result.key);
    const { inputs } = only(resources, image);
    assert.equal(inputs.secrets.value.TOKEN, "s3cret");
    assert.deepEqual(inputs.buildArgs, { MODE: "fast", SOURCE_DATE_EPOCH: "0" });
  });
});
