import assert from "node:assert/strict";
import { type Migrated, parseMigration } from "../../../components/web/migration.ts";
import { WebApp, type WebAppArgs } from "../../../components/web.ts";
import { deploy, only, resolved } from "../../deploy.ts";
import { connection, webArgs } from "../shop.ts";

const repository = "registry.example.com/shop";
const image = `${repository}@sha256:abc`;
const newer = `${repository}@sha256:def`;

/** Deploys an application. @returns its migration's Job, the output `migrated`, and the image that serves */
async function deployed(overrides: Partial<WebAppArgs> = {}) {
  const args = { ...webArgs, image, migrations: "the first", database: undefined, ...overrides };
  const { resources, result } = await deploy(() => new WebApp("web", args));
  const [job, web] = ["kubernetes:batch/v1:Job", "kubernetes:apps/v1:Deployment"].map(
    (type) => only(resources, type).inputs.spec,
  );
  return {
    job,
    migrated: (await resolved(result.migrated)) as Migrated,
    serves: web.template.spec.containers[0].image,
  };
}

const imageOf = ({ job }: Awaited<ReturnType<typeof deployed>>) => job.template.spec.containers[0].image;

describe("Migration", () => {
  it("runs on each new image if the key of the migrations is unknown", async () => {
    const { migrated } = await deployed();
    const second = await deployed({ migrations: undefined, image: newer, migrated });
    assert.equal(imageOf(second), newer);
    assert.deepEqual(second.migrated, {});
  });

  it("keeps its Job while the migrations are unchanged, whichever image serves", async () => {
    const first = await deployed();
    const { migrated } = first;
    assert.equal(migrated.image, image);
    const second = await deployed({ image: newer, migrated, replicas: { min: 3, max: 3 }, deadlineSeconds: 60 });
    assert.deepEqual(second, { ...first, serves: newer });
  });

  it("waits until its pod reaches the database, as the network may include the pod later", async () => {
    const { job } = await deployed({ database: connection });
    const [first, ...more] = job.template.spec.initContainers;
    assert.deepEqual(more, []);
    assert.equal(first.image, "postgres:17");
    assert.match(first.command.join(" "), /until pg_isready /);
    assert.equal((await deployed()).job.template.spec.initContainers, undefined);
    const elsewhere = await deployed({ database: { ...connection, image: undefined } });
    assert.equal(elsewhere.job.template.spec.initContainers, undefined);
  });

  it("runs on the new image if the migrations changed, and records it", async () => {
    const { migrated } = await deployed();
    const second = await deployed({ image: newer, migrations: "the second", migrated });
    assert.equal(imageOf(second), newer);
    assert.equal(second.migrated.image, newer);
    assert.notEqual(second.migrated.key, migrated.key);
    const third = await deployed({ image, migrations: "the second", migrated: second.migrated });
    assert.deepEqual([imageOf(third), third.migrated], [newer, second.migrated]);
  });

  const inputs: Partial<WebAppArgs>[] = [
    { migrate: ["migrate", "all"] },
    { migrateSeconds: 60 },
    { environment: { LOG_LEVEL: "debug" } },
    { secrets: { TOKEN: "t0ken" } },
    { resources: { ...webArgs.resources, memory: "512Mi" } },
    { user: 10002 },
    { database: { ...connection, elsewhere: "db.example.com:5432/orders" } },
  ];
  for (const change of inputs)
    it(`runs on the new image if the Job's input changed: ${Object.keys(change)}`, async () => {
      const { migrated } = await deployed();
      assert.equal(imageOf(await deployed({ ...change, image: newer, migrated })), newer);
    });

  it("ignores a recorded migration of another repository's image, or one edited by hand", () => {
    const migrated = { key: "a", image };
    assert.deepEqual(parseMigration(migrated, repository), migrated);
    assert.equal(parseMigration(migrated, "registry.example.com/sho"), undefined);
    for (const output of [{}, undefined, { image }, "migrated"])
      assert.equal(parseMigration(output, repository), undefined, JSON.stringify(output));
  });
});
