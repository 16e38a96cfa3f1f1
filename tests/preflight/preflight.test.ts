import assert from "node:assert/strict";
import type * as pulumi from "@pulumi/pulumi";
import { digest } from "../../commands/environments/capture-resources.ts";
import { outputs, render } from "../../commands/environments/render.ts";
import type { Migrated } from "../../components/web/migration.ts";
import { dataOf } from "../../preflight/data-loss.ts";
import { UserError } from "../../settings/user-error.ts";
import { fileOf, files } from "../commands/environments/committed.ts";
import { resolved } from "../deploy.ts";

describe("The preflight", () => {
  it("keeps what the last update has recorded as verified, beside the new release", async () => {
    const earlier = { "v0.9": { digest, commit: "unknown" } };
    const { verified } = await outputs(fileOf("test"), { verified: earlier });
    const now = await resolved(verified as pulumi.Output<object>);
    assert.deepEqual(Object.keys(now).sort(), ["v0.9", "v1.1"]);
  });

  it("refuses to lose the data that the last update recorded", async () => {
    const file = fileOf("dev");
    const earlier = dataOf({
      namespace: file.config["slipway:namespace"],
      database: { name: "app", protect: false, ...file.config["slipway:database"] },
    });
    await render(file, files, { data: earlier });
    const larger = { ...earlier, storage: "20Gi" };
    await assert.rejects(render(file, files, { data: larger }), /a volume can grow, never shrink/);
  });

  it("migrates nothing for an image whose migrations have run, and whatever was pulled from another repository anew", async () => {
    const file = fileOf("dev");
    const migrated = (await resolved((await outputs(file)).migrated as pulumi.Output<Migrated>)) as Migrated;
    const earlier = `${file.config["slipway:release"].repository}@sha256:${"e".repeat(64)}`;
    const runsOn = async (image: string) => {
      // biome-ignore lint/suspicious/noExplicitAny: a Job, whose shape its kind tells
      const job: any = (await render(file, files, { migrated: { ...migrated, image } })).find(
        ({ name }) => name === "web-migration",
      )?.object;
      return job.spec.template.spec.containers[0].image;
    };
    assert.equal(await runsOn(earlier), earlier);
    assert.equal(await runsOn(`elsewhere.example.com/${earlier}`), migrated.image);
  });

  const unreadable: [what: string, build: object, said: RegExp][] = [
    [
      "a Dockerfile that is not there",
      { context: "app", dockerfile: "nope" },
      /^the source of stack dev can't be built; nothing was changed\.\n {2}app\/nope does not exist; .*\n {4}pulumi config set --stack dev --path 'slipway:release\.build\.context' app\n {4}pulumi config set --stack dev --path 'slipway:release\.build\.dockerfile' Dockerfile\n$/,
    ],
    [
      "migrations that are no part of the image",
      { context: "app", migrations: ["alembic.ini", "migratoins"] },
      /migrations has migratoins, but .*\n {4}pulumi config set --stack dev --path 'slipway:release\.build\.migrations\[1\]' migrations\n$/,
    ],
  ];
  for (const [what, build, said] of unreadable)
    it(`says of source that cannot be read which it is and which setting names it, without a trace: ${what}`, async () => {
      const file = fileOf("dev");
      const release = { ...file.config["slipway:release"], build };
      const attempt = render({ ...file, config: { ...file.config, "slipway:release": release } }, files);
      await assert.rejects(attempt, (error: Error) => error instanceof UserError && said.test(error.message));
    });

  it("tells the first of several refusals: what would lose data before what cannot be built", async () => {
    const file = fileOf("dev");
    const release = { ...file.config["slipway:release"], build: { context: "nowhere" } };
    const unbuildable = { ...file, config: { ...file.config, "slipway:release": release } };
    await assert.rejects(render(unbuildable, files), /nowhere\/Dockerfile does not exist/);
    const database = { name: "app", protect: false, ...file.config["slipway:database"] };
    const earlier = { ...dataOf({ namespace: file.config["slipway:namespace"], database }), storage: "20Gi" };
    await assert.rejects(render(unbuildable, files, { data: earlier }), /a volume can grow, never shrink/);
  });
});
