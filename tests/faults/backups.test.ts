import assert from "node:assert/strict";
import { readdirSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { attempt, run } from "../../sandbox/command.ts";
import { eventually } from "../../sandbox/eventually.ts";
import { repository } from "../../sandbox/paths.ts";
import { Noticeboard } from "../e2e/noticeboard.ts";
import { Project } from "../e2e/project.ts";
import { stopwatch } from "../e2e/stopwatch.ts";

const board = new Noticeboard(30084);

describe("Backups of the database, end to end", () => {
  const project = Project.forSuite("backups");
  let folder = "";

  /** Runs a backup now, and returns its log and whether it succeeded. */
  const backUp = async (name: string): Promise<{ good: boolean; log: string }> => {
    const seconds = stopwatch();
    await project.startBackup(name);
    const good = await eventually(async () => {
      const conditions = await project.field(`job/${name}`, ".status.conditions[*].type");
      assert.match(conditions, /Complete|Failed$/);
      return conditions.includes("Complete");
    }, 180);
    console.log(`      ${good ? "made, restored and compared" : "failed"} after ${seconds().toFixed(0)} s`);
    return { good, log: await project.kubectl("logs", `--selector=job-name=${name}`, "--tail=-1") };
  };

  const backups = () =>
    readdirSync(folder)
      .filter((name) => name.startsWith("20"))
      .sort();

  const status = async () => {
    const { stdout } = await attempt(["node", "sandbox/status.ts"], { cwd: repository });
    return stdout.split("\n").find((line) => line.startsWith(`Backups (${project.namespace})`)) ?? stdout;
  };

  const restore = (input: string, ...args: string[]) =>
    attempt(["node", "commands/operate/restore.ts", "-s", project.stack, ...args], {
      cwd: project.folder,
      env: project.env,
      input,
      within: 180,
    });

  before(async () => {
    project.set("web", { nodePort: 30084 });
    project.set("database", { backups: { keep: 2 } });
    await project.deploy();
    await eventually(() => board.post("before the first backup"));
  });

  it("are restored and compared before they count", async () => {
    const { good, log } = await backUp("first");
    assert.ok(good, log);
    assert.match(log, /backup 20\S+Z: \d+ lines of tables checked, \d+ bytes/);
    const volume = `pv/${await project.field("pvc/database-backups", ".spec.volumeName")}`;
    folder = (await project.field(volume, ".spec.local.path")) || (await project.field(volume, ".spec.hostPath.path"));
    assert.equal(backups().length, 1);
    assert.deepEqual(readdirSync(join(folder, backups()[0] ?? "")).sort(), ["SHA256SUMS", "data.dump", "tables"]);
    assert.match(await status(), /the newest is 0 min old/);
  });

  it("are deleted, the oldest first, beyond the number in the settings", async () => {
    const [oldest = ""] = backups();
    await board.post("before the second backup");
    assert.ok((await backUp("second")).good);
    assert.ok((await backUp("third")).good);
    assert.equal(backups().length, 2);
    assert.ok(!backups().includes(oldest));
  });

  it("fail, and keep the earlier ones, if a dump cannot be restored", async () => {
    const before = backups();
    // The check is true only in this database, so the dump cannot be restored into another.
    await project.query(
      "SET ROLE app; CREATE TABLE stuck (n int CHECK (current_database() = 'app')); INSERT INTO stuck VALUES (1)",
    );
    const { good, log } = await backUp("stuck");
    await project.query("DROP TABLE stuck");
    assert.equal(good, false);
    assert.match(log, /violates check constraint.*the backup failed; the earlier ones are as they were/s);
    assert.deepEqual(backups(), before);
    assert.deepEqual(readdirSync(folder).sort(), before);
    assert.match(await status(), /FAILED, the newest is .*earlier ones are as they were/);
    await eventually(async () => {
      const events = await project.kubectl("get", "events", "--field-selector=involvedObject.name=stuck,type=Warning");
      assert.match(events, /BackoffLimitExceeded/);
    }, 15);
  });

  it("fail, and keep the earlier ones, if the volume is full", async () => {
    const before = backups();
    const sizes = () => before.map((name) => statSync(join(folder, name, "data.dump")).size);
    const sizesBefore = sizes();
    await run(["mount", "-t", "tmpfs", "-o", "size=24m,mode=0777", "tmpfs", "/mnt"]);
    try {
      await run(["cp", "--archive", ...before.map((name) => join(folder, name)), "/mnt"]);
      await run(["mount", "--move", "/mnt", folder]).catch(() => run(["mount", "--bind", "/mnt", folder]));
      const { good, log } = await backUp("full");
      assert.equal(good, false);
      assert.match(log, /No space left on device/);
      assert.deepEqual(backups(), before);
      assert.deepEqual(sizes(), sizesBefore);
    } finally {
      await attempt(["umount", folder]);
      await attempt(["umount", "/mnt"]);
    }
    assert.ok((await backUp("roomy")).good);
    assert.match(await status(), /the newest is 0 min old/);
  });

  it("fail if an earlier one is damaged, after making a good one", async () => {
    const [, truncated = ""] = backups();
    truncateSync(join(folder, truncated, "data.dump"), 100);
    const { good, log } = await backUp("truncated");
    assert.equal(good, false);
    assert.match(log, new RegExp(`is good, but earlier ones are damaged .*${truncated}`));
    assert.ok(readdirSync(folder).includes(`damaged-${truncated}`));
    assert.equal(backups().length, 2);
    assert.match(await status(), /FAILED/);
  });

  it("are restored only after a confirmation", async () => {
    const before = await board.texts();
    const { code, stdout, stderr } = await restore("no\n");
    assert.equal(code, 1);
    assert.match(stdout, /Backup: {4}20\S+ {2}\d+ min old, 2 tables/);
    assert.match(stderr, /Nothing was changed/);
    assert.deepEqual(await board.texts(), before);
    const unknown = await restore("", "2020-01-01T00-00-00Z", "--yes");
    assert.match(unknown.stderr, /There is no intact backup 2020.*There are:.*damaged-/s);
  });

  it("restore the data, and keep the replaced database under another name", async () => {
    const before = await board.texts();
    await board.post("after the last backup");
    const seconds = stopwatch();
    const { code, stdout, stderr } = await restore("backups\n");
    console.log(`      restored after ${seconds().toFixed(0)} s`);
    assert.equal(code, 0, stdout + stderr);
    assert.deepEqual(await eventually(() => board.texts()), before);
    const [, previous = ""] = /kept as (\S+?):/.exec(stdout) ?? [];
    assert.match(await project.query("SELECT text FROM messages", previous), /after the last backup/);
    await eventually(() => board.post("after the restoration"));
    assert.ok((await backUp("afterwards")).good);
  });
});
