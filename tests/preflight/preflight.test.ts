import assert from "node:assert/strict";
import type * as pulumi from "@pulumi/pulumi";
import { digest } from "../../commands/environments/capture-resources.ts";
import { outputs, render } from "../../commands/environments/render.ts";
import type { Migrated } from "../../components/web/migration.ts";
import { dataOf } from "../../preflight/data-loss.ts";
import { UserError } from "../../settings/user-error.ts";
import { fileOf, files } from "../commands/environments/committed.ts";
import { resolved } from "../deploy.ts";

describe("preflight", () => {
  const file = fileOf("dev");
  const release = file.config["slipway:release"];
  const data = dataOf({
    namespace: file.config["slipway:namespace"],
    database: { name: "app", protect: false, ...file.config["slipway:database"] },
  });
  const larger = { ...data, storage: "20Gi" };
  /** The stack dev with other settings of the build. */
  const building = (build: object) => ({
    ...file,
    config: { ...file.config, "slipway:release": { ...release, build } },
  });

  it("keeps the releases that were verified before, next to the new one", async () => {
    const { verified } = await outputs(fileOf("test"), { verified: { "v0.9": { digest, commit: "unknown" } } });
    const releases = await resolved(verified as pulumi.Output<object>);
    assert.deepEqual(Object.keys(releases).sort(), ["v0.9", "v1.1"]);
  });

  it("refuses to lose the data of the last update", async () => {
    await render(file, files, { data });
    await assert.rejects(render(file, files, { data: larger }), /a volume can grow, never shrink/);
  });

  it("skips migrations that ran before, unless the image comes from another repository", async () => {
    const migrated = (await resolved((await outputs(file)).migrated as pulumi.Output<Migrated>)) as Migrated;
    const earlier = `${release.repository}@sha256:${"e".repeat(64)}`;
    const jobImage = async (image: string) => {
      const objects = await render(file, files, { migrated: { ...migrated, image } });
      // biome-ignore lint/suspicious/noExplicitAny: a Job
      const job: any = objects.find(({ name }) => name === "web-migration")?.object;
      return job.spec.template.spec.containers[0].image;
    };
    assert.equal(await jobImage(earlier), earlier);
    assert.equal(await jobImage(`elsewhere.example.com/${earlier}`), migrated.image);
  });

  const unreadable: [title: string, build: object, message: RegExp][] = [
    [
      "a missing Dockerfile",
      { context: "app", dockerfile: "nope" },
      /^the source of stack dev can't be built; nothing was changed\.\n {2}app\/nope does not exist; .*\n {4}pulumi config set --stack dev --path 'slipway:release\.build\.context' app\n {4}pulumi config set --stack dev --path 'slipway:release\.build\.dockerfile' Dockerfile\n$/,
    ],
    [
      "migrations that are not part of the image",
      { context: "app", migrations: ["alembic.ini", "migratoins"] },
      /migrations has migratoins, but .*\n {4}pulumi config set --stack dev --path 'slipway:release\.build\.migrations\[1\]' migrations\n$/,
    ],
  ];
  for (const [title, build, message] of unreadable)
    it(`names the setting of unreadable source, without a stack trace: ${title}`, () =>
      assert.rejects(
        render(building(build), files),
        (error: Error) => error instanceof UserError && message.test(error.message),
      ));

  it("reports data loss before source that can't be built", async () => {
    const unbuildable = building({ context: "nowhere" });
    await assert.rejects(render(unbuildable, files), /nowhere\/Dockerfile does not exist/);
    await assert.rejects(render(unbuildable, files, { data: larger }), /a volume can grow, never shrink/);
  });
});
