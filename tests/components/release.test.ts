import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
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
const { key } = content;
const commit = "c".repeat(40);
const image = "docker-build:index:Image";
const records = { sbom: `sha256:${"5".repeat(64)}`, provenance: `sha256:${"6".repeat(64)}` };
const other = `sha256:${"e".repeat(64)}`;

const deployed = (args: Partial<ReleaseArgs> = {}) =>
  deploy(() => new Release("app", { repository, from: { content, commit }, ...args }));
const pushed = async (args: Partial<ReleaseArgs> = {}, name = "app") =>
  only((await deployed(args)).resources, image, name).inputs;
const verified = async (args: Partial<ReleaseArgs>) => resolved((await deployed(args)).result.verifiedOnce("ready"));

/** Matches a UserError that contains each of these parts. */
const userErrorWith =
  (...parts: string[]) =>
  (error: Error) => {
    for (const part of parts) assert.ok(error.message.includes(part), error.message);
    return error instanceof UserError;
  };

describe("Release", () => {
  it("pushes a reproducible build from a staged copy, tagged by its content key", async () => {
    const { tags, context, dockerfile, buildArgs, exports, buildOnPreview } = await pushed();
    assert.deepEqual(tags, [`${repository}:${key}`]);
    assert.deepEqual(context, { location: `.slipway/builds/${key}/context` });
    assert.deepEqual(dockerfile, { location: `.slipway/builds/${key}/Dockerfile` });
    assert.deepEqual(buildArgs, { MODE: "fast", SOURCE_DATE_EPOCH: "0" });
    const compression = "compression=zstd,compression-level=1";
    assert.deepEqual(exports, [{ raw: `type=registry,rewrite-timestamp=true,${compression}` }]);
    assert.equal(buildOnPreview, false);
    const keepTimes = await pushed({ from: { content: { ...content, keepTimes: true } } });
    assert.deepEqual(keepTimes.exports, [{ raw: `type=registry,${compression}` }]);
  });

  it("identifies its image by digest, and its source by commit if known", async () => {
    const { result } = await deployed();
    assert.equal(await resolved(result.image), `${repository}@${digest}`);
    assert.equal(result.commit, commit);
    assert.equal((await deployed({ from: { content } })).result.commit, "unknown");
  });

  it("keeps its image and name in the registry when the stack is destroyed", async () => {
    const { resources } = await deployed({ name: "v1.2" });
    assert.deepEqual(
      resources.filter(({ type }) => type === image).map(({ name, retainOnDelete }) => [name, retainOnDelete]),
      [
        ["app", true],
        ["app-name", true],
      ],
    );
  });

  it("passes secrets to the build as secrets, never as arguments", async () => {
    const { secrets, buildArgs } = await pushed({ from: { content, secrets: { TOKEN: pulumi.secret("s3cret") } } });
    assert.equal(secrets.value.TOKEN, "s3cret");
    assert.deepEqual(buildArgs, { MODE: "fast", SOURCE_DATE_EPOCH: "0" });
  });

  it("labels the image with its source and content key, and with no commit", async () => {
    const from = await readSource({ context: "app" }, "https://example.com/team/shop");
    assert.deepEqual((await pushed({ from })).labels, {
      "org.opencontainers.image.source": "https://example.com/team/shop",
      "org.opencontainers.image.version": from.content.key,
    });
  });

  it("pushes the same build under the release's name, as a resource of its own", async () => {
    const { tags, ...named } = await pushed({ name: "v1.2" }, "app-name");
    const { tags: _, ...built } = await pushed({ name: "v1.2" });
    assert.deepEqual(tags, [`${repository}:v1.2`]);
    assert.deepEqual(named, built);
  });

  it("refuses the name of a release that is another image", async () => {
    const { result } = await deployed({ name: "v1.9", earlier: { "v1.9": { digest: other, commit } } });
    const command = "pulumi config set --stack dev --path slipway:release.name v1.10";
    await assert.rejects(resolved(result.image), userErrorWith(other, digest, command));
  });

  it("refuses the name of a release from other source before it builds anything", async () => {
    const earlier = { "v1.9": { digest, commit, key: "0".repeat(32) } };
    let builds = 0;
    const attempt = deploy(() => {
      new Release("app", { repository, name: "v1.9", from: { content }, earlier });
      builds += 1;
    });
    const parts = ["nothing was changed", "0".repeat(32), key, commit, "slipway:release.name v1.10"];
    await assert.rejects(attempt, userErrorWith(...parts));
    assert.equal(builds, 0);
  });

  it("accepts the name again for the same source, and for the same image of unknown source", async () => {
    for (const earlier of [
      { digest, commit, key },
      { digest, commit },
    ])
      assert.deepEqual((await pushed({ name: "v1.9", earlier: { "v1.9": earlier } }, "app-name")).tags, [
        `${repository}:v1.9`,
      ]);
  });

  it("builds nothing if it is promoted", async () => {
    const { resources, result } = await deployed({ name: "v1.2", from: { digest: other, commit } });
    assert.ok(resources.every(({ type }) => type !== image));
    assert.equal(await resolved(result.image), `${repository}@${other}`);
    assert.equal(result.commit, commit);
  });

  it("is verified beside the earlier releases, with its content key if this stack built it", async () => {
    const earlier = { "v1.1": { digest: other, commit: "unknown" } };
    assert.deepEqual(await verified({ name: "v1.2", earlier }), { ...earlier, "v1.2": { digest, commit, key } });
    const promoted = { digest: other, commit };
    assert.deepEqual(await verified({ name: "v1.2", from: promoted }), { "v1.2": promoted });
    assert.deepEqual(await verified({ earlier }), earlier, "without a name, nothing is added");
  });

  it("passes the key of its migrations from the stack that builds it to all others", async () => {
    const built = await readSource({ context: "app", migrations: ["migrations"] });
    const { migrations } = built.content;
    assert.match(migrations ?? "", /^[0-9a-f]{32}$/);
    for (const from of [built, { digest: other, commit, migrations }]) {
      assert.equal((await deployed({ name: "v1.2", from })).result.migrations, migrations);
      assert.equal((await verified({ name: "v1.2", from }))["v1.2"]?.migrations, migrations);
    }
  });

  it("is not verified before it serves", async () => {
    const { result } = await deployed({ name: "v1.2" });
    let added = false;
    result.verifiedOnce(pulumi.output(new Promise(() => undefined))).apply(() => {
      added = true;
    });
    await sleep(50);
    assert.equal(added, false);
  });
});

describe("Attestations of a release", () => {
  it("are attached to a named image, and recorded in plain text although the login is secret", async () => {
    const images: PushedImage[] = [];
    const login = { address: "registry.example.com", username: "user", password: pulumi.secret("s3cret") };
    const from = { content, commit, builder: "remote", secrets: { TOKEN: pulumi.secret("t0ken") } };
    const attest = async (image: PushedImage) => {
      images.push(image);
      return records;
    };
    const { result } = await deployed({ name: "v1.2", login, from, attest });
    const verified = result.verifiedOnce("ready");
    assert.deepEqual((await resolved(verified))["v1.2"]?.records, records);
    assert.equal(await pulumi.isSecret(verified), false);
    assert.equal(await resolved(result.image), `${repository}@${digest}`);
    assert.deepEqual(images, [
      {
        repository,
        digest,
        content,
        commit,
        builder: "remote",
        secrets: ["TOKEN"],
        recorded: [],
        stack: "organization/slipway/dev",
        login: { username: "user", password: "s3cret" },
      },
    ]);
  });

  it("are reused from earlier releases of the same image, the newest first", async () => {
    const older = { ...records, provenance: other };
    const earlier = {
      "v1.9": { digest, commit: "a".repeat(40), records: older },
      "v1.10": { digest, commit, records },
      "v1.11": { digest: other, commit, records },
      "v1.12": { digest, commit },
    };
    const recorded: PushedImage["recorded"][] = [];
    const attest = async (image: PushedImage) => {
      recorded.push(image.recorded);
      return records;
    };
    await resolved((await deployed({ name: "v1.13", earlier, attest })).result.image);
    assert.deepEqual(recorded, [[records, older]]);
  });

  it("are a condition of the image: nothing is deployed or verified without them", async () => {
    const attest = async () => {
      throw new UserError("no room");
    };
    const { result } = await deployed({ name: "v1.2", attest });
    await assert.rejects(resolved(result.image), /no room/);
    await assert.rejects(resolved(result.verifiedOnce("ready")), /no room/);
  });

  it("are not attached without a name, to a promoted release, or in a preview", async () => {
    const attest = async () => assert.fail("they are attached");
    await resolved((await deployed({ attest })).result.image);
    await resolved((await deployed({ name: "v1.2", from: { digest, commit }, attest })).result.image);
    const earlier = {
      "v1.1": { digest, commit, records },
      "v1.2": { digest, commit: "a".repeat(40), records: { ...records, provenance: other } },
    };
    const { result } = await captureResources(
      () => new Release("app", { repository, name: "v1.3", from: { content, commit }, earlier, attest }),
      { preview: true },
    );
    const verified = await resolved(result.verifiedOnce("ready"));
    assert.deepEqual(verified["v1.3"], { digest, commit, key, records });
  });
});
