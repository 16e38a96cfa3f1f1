import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { captureResources } from "../../commands/environments/capture-resources.ts";
import { Release, type ReleaseArgs } from "../../components/release.ts";
import { readContent } from "../../image/content-key.ts";
import { readSource } from "../../image/source.ts";
import type { PushedImage } from "../../registry/attestations.ts";
import { UserError } from "../../settings/user-error.ts";
import { deploy, digest, only, resolved } from "../deploy.ts";

const repository = "registry.example.com/team/shop";
const content = readContent({ context: "app", args: { MODE: "fast" } });
const commit = "c".repeat(40);
const image = "docker-build:index:Image";
const records = { sbom: `sha256:${"5".repeat(64)}`, provenance: `sha256:${"6".repeat(64)}` };
const other = `sha256:${"e".repeat(64)}`;

const released = (args: Partial<ReleaseArgs> = {}) =>
  deploy(() => new Release("app", { repository, from: { content, commit }, ...args }));

describe("Release", () => {
  it("pushes under the content key, from a staged copy, reproducibly", async () => {
    const { resources } = await released();
    const { inputs } = only(resources, image);
    assert.deepEqual(inputs.tags, [`${repository}:${content.key}`]);
    assert.deepEqual(inputs.context, { location: `.slipway/builds/${content.key}/context` });
    assert.deepEqual(inputs.dockerfile, { location: `.slipway/builds/${content.key}/Dockerfile` });
    assert.deepEqual(inputs.buildArgs, { MODE: "fast", SOURCE_DATE_EPOCH: "0" });
    assert.deepEqual(inputs.exports, [
      { raw: "type=registry,rewrite-timestamp=true,compression=zstd,compression-level=1" },
    ]);
    assert.equal(inputs.buildOnPreview, false);
  });

  it("leaves the files' times as the Dockerfile has them where that is said", async () => {
    const { resources } = await released({ from: { content: { ...content, keepTimes: true } } });
    assert.deepEqual(only(resources, image).inputs.exports, [
      { raw: "type=registry,compression=zstd,compression-level=1" },
    ]);
  });

  it("does not know its commit where nobody says it", async () => {
    const { result } = await released({ from: { content } });
    assert.equal(result.commit, "unknown");
  });

  it("is known by its digest", async () => {
    const { result } = await released();
    assert.equal(await resolved(result.image), `${repository}@${digest}`);
    assert.equal(result.commit, commit);
  });

  it("outlives the stack, its name too", async () => {
    const { resources } = await released({ name: "v1.2" });
    assert.deepEqual(
      resources.filter(({ type }) => type === image).map(({ name, retainOnDelete }) => [name, retainOnDelete]),
      [
        ["app", true],
        ["app-name", true],
      ],
    );
  });

  it("hands secrets to the build as secrets, and keeps them out of the arguments", async () => {
    const secrets = { TOKEN: pulumi.secret("s3cret") };
    const { resources } = await released({ from: { content, secrets } });
    const { inputs } = only(resources, image);
    assert.equal(inputs.secrets.value.TOKEN, "s3cret");
    assert.deepEqual(inputs.buildArgs, { MODE: "fast", SOURCE_DATE_EPOCH: "0" });
  });

  it("says on the image where its source is and what it was built from, and no commit", async () => {
    const from = await readSource({ context: "app" }, "https://example.com/team/shop");
    const { resources } = await released({ from });
    assert.deepEqual(only(resources, image).inputs.labels, {
      "org.opencontainers.image.source": "https://example.com/team/shop",
      "org.opencontainers.image.version": from.content.key,
    });
  });

  it("pushes the same build under the release's name, apart from the image that runs", async () => {
    const { resources } = await released({ name: "v1.2" });
    const { tags, ...named } = only(resources, image, "app-name").inputs;
    const { tags: _, ...built } = only(resources, image, "app").inputs;
    assert.deepEqual(tags, [`${repository}:v1.2`]);
    assert.deepEqual(named, built);
  });

  it("refuses a name that other source has been released under", async () => {
    const earlier = { "v1.9": { digest: other, commit } };
    const { result } = await released({ name: "v1.9", earlier });
    await assert.rejects(resolved(result.image), (error: Error) => {
      for (const part of [other, digest, "pulumi config set --stack dev --path slipway:release.name v1.10"])
        assert.ok(error.message.includes(part), error.message);
      return error instanceof UserError;
    });
  });

  it("refuses a name that was released from other source before anything is built", async () => {
    const earlier = { "v1.9": { digest, commit, key: "0".repeat(32) } };
    let builds = 0;
    const attempt = deploy(() => {
      new Release("app", { repository, name: "v1.9", from: { content }, earlier });
      builds += 1;
    });
    await assert.rejects(attempt, (error: Error) => {
      const { message } = error;
      for (const part of ["nothing was changed", "0".repeat(32), content.key, commit, "slipway:release.name v1.10"])
        assert.ok(message.includes(part), message);
      return error instanceof UserError;
    });
    assert.equal(builds, 0);
  });

  it("takes a name again for the same source", async () => {
    const { key } = content;
    const { resources } = await released({ name: "v1.9", earlier: { "v1.9": { digest, commit, key } } });
    assert.deepEqual(only(resources, image, "app-name").inputs.tags, [`${repository}:v1.9`]);
  });

  it("takes a name again for the same image", async () => {
    const { resources } = await released({ name: "v1.9", earlier: { "v1.9": { digest, commit } } });
    assert.deepEqual(only(resources, image, "app-name").inputs.tags, [`${repository}:v1.9`]);
  });

  it("builds nothing where it is promoted", async () => {
    const { resources, result } = await released({ name: "v1.2", from: { digest: other, commit } });
    assert.deepEqual(
      resources.filter(({ type }) => type === image),
      [],
    );
    assert.equal(await resolved(result.image), `${repository}@${other}`);
    assert.equal(result.commit, commit);
  });

  it("is recorded as verified beside the earlier ones, once it serves", async () => {
    const earlier = { "v1.1": { digest: other, commit: "unknown" } };
    const { result } = await released({ name: "v1.2", earlier });
    const { key } = content;
    assert.deepEqual(await resolved(result.verifiedOnce("ready")), { ...earlier, "v1.2": { digest, commit, key } });
  });

  it("is recorded without a content key where it is promoted, since that is nothing to build", async () => {
    const { result } = await released({ name: "v1.2", from: { digest: other, commit } });
    assert.deepEqual(await resolved(result.verifiedOnce("ready")), { "v1.2": { digest: other, commit } });
  });

  it("hands on the key of its migrations, from the stack that builds it to all others", async () => {
    const built = await readSource({ context: "app", migrations: ["migrations"] });
    const { migrations } = built.content;
    assert.match(migrations ?? "", /^[0-9a-f]{32}$/);
    for (const from of [built, { digest: other, commit, migrations }]) {
      const { result } = await released({ name: "v1.2", from });
      assert.equal(result.migrations, migrations);
      assert.equal((await resolved(result.verifiedOnce("ready")))["v1.2"]?.migrations, migrations);
    }
  });

  it("leaves the oldest out of the record where that gets longer than 50", async () => {
    const earlier = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`v1.${n}`, { digest: other, commit }]));
    const { result } = await released({ name: "v1.50", earlier });
    const record = await resolved(result.verifiedOnce("ready"));
    assert.equal(Object.keys(record).length, 50);
    assert.ok("v1.50" in record && "v1.1" in record && !("v1.0" in record));
  });

  it("has records kept beside the image that it names, and remembers which", async () => {
    const kept: PushedImage[] = [];
    const args = {
      ...{
        name: "v1.2",
        login: { address: "registry.example.com", username: "user", password: pulumi.secret("s3cret") },
      },
      from: { content, commit, builder: "remote", secrets: { TOKEN: pulumi.secret("t0ken") } },
      attest: async (image: PushedImage) => {
        kept.push(image);
        return records;
      },
    };
    const { result } = await released(args);
    const verified = result.verifiedOnce("ready");
    assert.deepEqual((await resolved(verified))["v1.2"]?.records, records);
    assert.equal(await (verified as unknown as { isSecret: Promise<boolean> }).isSecret, false);
    assert.equal(await resolved(result.image), `${repository}@${digest}`);
    assert.deepEqual(kept, [
      {
        ...{ repository, digest, content, commit, builder: "remote", secrets: ["TOKEN"], recorded: [] },
        ...{ stack: "organization/slipway/dev", login: { username: "user", password: "s3cret" } },
      },
    ]);
  });

  it("says which records of the same image it has kept before, the newest first", async () => {
    const known: PushedImage["recorded"][] = [];
    const older = { ...records, provenance: other };
    const earlier = {
      "v1.9": { digest, commit: "a".repeat(40), records: older },
      "v1.10": { digest, commit, records },
      "v1.11": { digest: other, commit, records },
      "v1.12": { digest, commit },
    };
    const attest = async (image: PushedImage) => {
      known.push(image.recorded);
      return records;
    };
    const { result } = await released({ name: "v1.13", earlier, attest });
    await resolved(result.image);
    assert.deepEqual(known, [[records, older]]);
  });

  it("has no image before its records are kept", async () => {
    const failing = async () => {
      throw new UserError("no room");
    };
    const { result } = await released({ name: "v1.2", attest: failing });
    await assert.rejects(resolved(result.image), /no room/);
    await assert.rejects(resolved(result.verifiedOnce("ready")), /no room/);
  });

  it("has no records kept where it has no name, where it is promoted, or in a preview", async () => {
    const attest = async () => assert.fail("they are kept");
    await resolved((await released({ attest })).result.image);
    await resolved((await released({ name: "v1.2", from: { digest, commit }, attest })).result.image);
    const earlier = {
      "v1.1": { digest, commit, records },
      "v1.2": { digest, commit: "a".repeat(40), records: { ...records, provenance: other } },
    };
    const { result } = await captureResources(
      () => new Release("app", { repository, name: "v1.3", from: { content, commit }, earlier, attest }),
      { preview: true },
    );
    const verified = await resolved(result.verifiedOnce("ready"));
    assert.deepEqual(verified["v1.3"], { digest, commit, key: content.key, records });
  });

  it("records nothing before it serves", async () => {
    const { result } = await released({ name: "v1.2" });
    let recorded = false;
    result.verifiedOnce(pulumi.output(new Promise(() => undefined))).apply(() => {
      recorded = true;
    });
    await new Promise((resume) => setTimeout(resume, 50));
    assert.equal(recorded, false);
  });

  it("records nothing without a name, and keeps what it has", async () => {
    const earlier = { "v1.1": { digest: other, commit } };
    const { result } = await released({ earlier });
    assert.deepEqual(await resolved(result.verifiedOnce("ready")), earlier);
  });
});
