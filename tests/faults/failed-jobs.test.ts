import assert from "node:assert/strict";
import { python } from "../e2e/failing-version.ts";
import { Project } from "../e2e/project.ts";

/** Fails until the table exists: a reason that passes without a change of the settings. */
const needsTable = python("import psycopg; psycopg.connect().execute('SELECT 1 FROM made_late')");

describe("A migration that failed for a temporary reason, end to end", () => {
  const project = Project.forSuite("failed-jobs");
  const jobs = async () =>
    (await project.kubectl("get", "jobs", "--output=name"))
      .split("\n")
      .filter((name) => name.includes("web-migration"));
  const createTable = () => project.query("CREATE TABLE made_late (id int); GRANT SELECT ON made_late TO PUBLIC");

  before(async () => {
    await project.deploy({ replicas: 1, migrateSeconds: 20 });
    project.set("web", { migrate: needsTable });
  });

  it("fails each `up` with a new Job until the reason has passed", async () => {
    let seen = await jobs();
    for (const _ of ["first", "second"]) {
      const output = await project.failingUp();
      assert.match(output, /likely cause: migration failed: it exits with code 1/);
      assert.match(output, /relation "made_late" does not exist/);
      assert.match(output, /run pulumi up again; nothing has to be cleaned up/);
      const now = await jobs();
      assert.notDeepEqual(
        now.filter((name) => !seen.includes(name)),
        [],
        "a new Job",
      );
      seen = now;
    }
  });

  it("succeeds with the next `up` once the reason has passed, as the report said", async () => {
    await createTable();
    await project.up();
    await project.assertNoChanges();
  });

  it("is created again by the command in the report if somebody deleted its Job", async () => {
    await project.query("DROP TABLE made_late");
    project.set("web.environment", { AGAIN: "yes" });
    await project.failingUp();
    await createTable();
    await project.kubectl("delete", ...(await jobs()));
    const output = await project.failingUp();
    assert.match(output, /Job web-migration-\w+, likely cause: it no longer exists; somebody has deleted it/);
    assert.match(output, /What to do: pulumi up --refresh --stack failed-jobs, which creates it again/);
    await project.up("--refresh");
    assert.equal((await jobs()).length, 1);
  });
});
