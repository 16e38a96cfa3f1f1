import assert from "node:assert/strict";
import { python } from "./failing-version.ts";
import { Project } from "./project.ts";

/** Fails until somebody has made the table: a reason that passes without a change of the settings. */
const needsTable = python("import psycopg; psycopg.connect().execute('SELECT 1 FROM made_late')");

describe("A Job that failed for a passing reason, end to end", () => {
  const project = new Project("failed-jobs");
  const jobs = async () =>
    (await project.kubectl("get", "jobs", "--output=name"))
      .split("\n")
      .filter((name) => name.includes("web-migration"));

  before(async () => {
    project.configure((config) => {
      Object.assign(config["slipway:web"], { replicas: 1, migrateSeconds: 20 });
    });
    await project.create();
    await project.up();
    project.configure((config) => {
      config["slipway:web"].migrate = needsTable;
    });
  });
  after(() => project.remove());

  it("fails each up as long as the reason is there, with a Job of its own each time", async () => {
    let seen = await jobs();
    for (const _ of ["first", "second"]) {
      const output = await project.failingUp();
      assert.match(output, /likely cause: migration failed: it exits with code 1/);
      assert.match(output, /relation "made_late" does not exist/);
      assert.match(output, /run pulumi up again; nothing has to be cleaned up/);
      const now = await jobs();
      assert.ok(
        now.some((name) => !seen.includes(name)),
        `${now}: none that ${seen} had not`,
      );
      seen = now;
    }
  });

  it("succeeds with the next up once the reason has passed, as its report said", async () => {
    await project.query("CREATE TABLE made_late (id int); GRANT SELECT ON made_late TO PUBLIC");
    await project.up();
    const { code, stdout } = await project.preview("--expect-no-changes");
    assert.equal(code, 0, stdout);
  });

  it("is made again by what the report says, if somebody has deleted it", async () => {
    await project.query("DROP TABLE made_late");
    project.configure((config) => {
      config["slipway:web"].environment.AGAIN = "yes";
    });
    await project.failingUp();
    await project.query("CREATE TABLE made_late (id int); GRANT SELECT ON made_late TO PUBLIC");
    await project.kubectl("delete", ...(await jobs()));
    const output = await project.failingUp();
    assert.match(output, /Job web-migration-\w+, likely cause: it no longer exists; somebody has deleted it/);
    assert.match(output, /What to do: pulumi up --refresh --stack failed-jobs, which creates it again/);
    await project.up("--refresh");
    assert.equal((await jobs()).length, 1);
  });
});
