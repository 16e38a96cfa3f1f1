import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { type Migrated, parseMigration } from "../../../components/web/migration.ts";
import { WebApp, type WebAppArgs } from "../../../components/web.ts";
import { deploy, only, resolved } from "../../deploy.ts";

const repository = "registry.example.com/shop";
const image = `${repository}@sha256:abc`;
const newer = `${repository}@sha256:def`;
const args: WebAppArgs = {
  waitForRollout: ({ metadata }) => metadata.name,
  ...{ namespace: "shop", image, port: 8000, replicas: { min: 2, max: 2 } },
  ...{ migrate: ["migrate", "up"], migrateSeconds: 120, migrations: "the first" },
  ...{ environment: { LOG_LEVEL: "info" }, secrets: {}, user: 10001, stopSeconds: 30, deadlineSeconds: 180 },
  probes: { live: "/live", ready: "/ready", startSeconds: 60 },
  resources: { cpu: "100m", cpuLimit: "1", memory: "256Mi" },
};

/** What becomes of a migration: the whole Job, and what is recorded of it. */
async function deployed(overrides: Partial<WebAppArgs> = {}) {
  const { resources, result } = await deploy(() => new WebApp("web", { ...args, ...overrides }));
  const [job, web] = ["kubernetes:batch/v1:Job", "kubernetes:apps/v1:Deployment"].map(
    (type) => only(resources, type).inputs.spec,
  );
  return {
    job,
    migrated: (await resolved(result.migrated)) as Migrated,
    serves: web.template.spec.containers[0].image,
  };
}

const runsOn = (job: Awaited<ReturnType<typeof deployed>>["job"]) => job.template.spec.containers[0].image;

describe("Migration", () => {
  it("runs on each new image where nobody knows what it consists of", async () => {
    const { migrated } = await deployed();
    const { job, migrated: recorded } = await deployed({ migrations: undefined, image: newer, migrated });
    assert.equal(runsOn(job), newer);
    assert.deepEqual(recorded, {});
  });

  it("stays the Job that has run for as long as there is nothing new to migrate, whatever serves", async () => {
    const first = await deployed();
    const { migrated } = first;
    assert.equal(migrated.image, image);
    const second = await deployed({ image: newer, migrated, replicas: { min: 3, max: 3 }, deadlineSeconds: 60 });
    assert.deepEqual(second, { ...first, serves: newer });
  });

  it("waits until its pod reaches the database: a pod's first packets may come before the network knows it", async () => {
    const database = {
      ...{ host: pulumi.output("database"), user: pulumi.output("app-1"), secret: pulumi.output("login-1") },
      ...{ port: 5432, name: "app", image: "postgres:17", clientLabels: {} },
    };
    const { job } = await deployed({ database });
    const [first, ...more] = job.template.spec.initContainers;
    assert.deepEqual(more, []);
    assert.equal(first.image, "postgres:17");
    assert.match(first.command.join(" "), /until pg_isready /);
    assert.equal((await deployed()).job.template.spec.initContainers, undefined);
  });

  it("runs on the new image where its migrations differ, and is recorded then", async () => {
    const { migrated } = await deployed();
    const second = await deployed({ image: newer, migrations: "the second", migrated });
    assert.equal(runsOn(second.job), newer);
    assert.equal(second.migrated.image, newer);
    assert.notEqual(second.migrated.key, migrated.key);
    const third = await deployed({ image, migrations: "the second", migrated: second.migrated });
    assert.deepEqual([runsOn(third.job), third.migrated], [newer, second.migrated]);
  });

  const told: Partial<WebAppArgs>[] = [
    { migrate: ["migrate", "all"] },
    { migrateSeconds: 60 },
    { environment: { LOG_LEVEL: "debug" } },
    { secrets: { TOKEN: "t0ken" } },
    { resources: { ...args.resources, memory: "512Mi" } },
    { user: 10002 },
  ];
  for (const change of told)
    it(`runs on the new image where it is told something else: ${Object.keys(change)}`, async () => {
      const { migrated } = await deployed();
      assert.equal(runsOn((await deployed({ ...change, image: newer, migrated })).job), newer);
    });

  it("is not what was recorded of another repository's image, or by hand", () => {
    const migrated = { key: "a", image };
    assert.deepEqual(parseMigration(migrated, repository), migrated);
    for (const [output, of] of [
      [migrated, "registry.example.com/sho"],
      [{}, repository],
      [undefined, repository],
      [{ image }, repository],
      ["migrated", repository],
    ] as const)
      assert.equal(parseMigration(output, of), undefined, JSON.stringify(output));
  });
});
