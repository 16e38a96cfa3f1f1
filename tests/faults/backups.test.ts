import assert from "node:assert/strict";
import { readdirSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { attempt, run } from "../../sandbox/command.ts";
import { eventually } from "../../sandbox/eventually.ts";
import { repository } from "../../sandbox/paths.ts";
import { Project } from "../e2e/project.ts";

const url = "http://localhost:30084";

describe("Backups of the database, end to end", () => {
  const project = new Project("backups");
  let folder = "";

  const post = async (text: string) => {
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${url}/api/messages`, { method: "POST", headers, body: JSON.stringify({ text }) });
    assert.equal(response.status, 201, await response.text());
  };

  const texts = async (): Promise<string[]> => {
    const response = await fetch(`${url}/api/messages?limit=100`);
    const page = (await response.json()) as { messages: { text: string }[] };
    return page.messages.map(({ text }) => text).sort();
  };

  /** Runs the CronJob's Job once, ahead of its time; its log, and whether it succeeded. */
  const backUp = async (name: string): Promise<{ good: boolean; log: string }> => {
    const cronJob = (await project.kubectl("get", "cronjobs", "--output=name")).trim();
    const started = Date.now();
    await project.kubectl("create", "job", `--from=${cronJob}`, name);
    const good = await eventually(async () => {
      const conditions = await project.kubectl("get", "job", name, "--output=jsonpath={.status.conditions[*].type}");
      assert.match(conditions, /Complete|Failed$/);
      return conditions.includes("Complete");
    }, 180);
    console.log(`      ${good ? "made, brought back and compared" : "failed"} after ${secondsSince(started)} s`);
    return { good, log: await project.kubectl("logs", `--selector=job-name=${name}`, "--tail=-1") };
  };

  const secondsSince = (started: number) => ((Date.now() - started) / 1000).toFixed(0);

  const kept = () =>
    readdirSync(folder)
      .filter((name) => name.startsWith("20"))
      .sort();

  const status = async () => {
    const { stdout } = await attempt(["node", "sandbox/status.ts"], { cwd: repository });
    return stdout.split("\n").find((line) => line.startsWith(`Backups (${project.namespace})`)) ?? stdout;
  };

  const restore = (input: string, ...args: string[]) =>
    attempt(["node", "commands/operate/restore.ts", "-s", project.stack, ...args], {
      ...{ cwd: project.folder, env: project.env, input, within: 180 },
    });

  before(async () => {
    project.configure((config) => {
      config["slipway:web"].nodePort = 30084;
      config["slipway:database"].backups = { keep: 2 };
    });
    await project.create();
    await project.up();
    await eventually(() => post("before the first backup"));
  });

  after(() => project.remove());

  it("are brought back and compared before they count", async () => {
    const { good, log } = await backUp("first");
    assert.ok(good, log);
    assert.match(log, /backup 20\S+Z: \d+ lines of tables checked, \d+ bytes/);
    const volume = await project.kubectl("get", "pvc", "database-backups", "--output=jsonpath={.spec.volumeName}");
    const path = await project.kubectl(
      "get",
      "pv",
      volume,
      "--output=jsonpath={.spec.local.path}{.spec.hostPath.path}",
    );
    folder = path.trim();
    assert.equal(kept().length, 1);
    assert.deepEqual(readdirSync(join(folder, kept()[0] ?? "")).sort(), ["SHA256SUMS", "data.dump", "tables"]);
    assert.match(await status(), /the newest is 0 min old/);
  });

  it("are as many as the setting says, the newest", async () => {
    const [oldest = ""] = kept();
    await post("before the second backup");
    assert.ok((await backUp("second")).good);
    assert.ok((await backUp("third")).good);
    assert.equal(kept().length, 2);
    assert.ok(!kept().includes(oldest));
  });

  it("fail, and leave the earlier ones alone, where a dump can't be brought back", async () => {
    const before = kept();
    // Holds in this database, and in no other: a dump that nothing can be made of.
    await project.query(
      "SET ROLE app; CREATE TABLE stuck (n int CHECK (current_database() = 'app')); INSERT INTO stuck VALUES (1)",
    );
    const { good, log } = await backUp("stuck");
    await project.query("DROP TABLE stuck");
    assert.equal(good, false);
    assert.match(log, /violates check constraint.*the backup failed; the earlier ones are as they were/s);
    assert.deepEqual(kept(), before);
    assert.deepEqual(readdirSync(folder).sort(), before);
    assert.match(await status(), /FAILED, the newest is .*earlier ones are as they were/);
    await eventually(async () => {
      const events = await project.kubectl("get", "events", "--field-selector=involvedObject.name=stuck,type=Warning");
      assert.match(events, /BackoffLimitExceeded/);
    }, 15);
  });

  it("fail, and lose no earlier one, where the volume is full", async () => {
    const before = kept();
    const sizes = () => before.map((name) => statSync(join(folder, name, "data.dump")).size);
    const whole = sizes();
    await run(["mount", "-t", "tmpfs", "-o", "size=24m,mode=0777", "tmpfs", "/mnt"]);
    try {
      await run(["cp", "--archive", ...before.map((name) => join(folder, name)), "/mnt"]);
      await run(["mount", "--move", "/mnt", folder]).catch(() => run(["mount", "--bind", "/mnt", folder]));
      const { good, log } = await backUp("full");
      assert.equal(good, false);
      assert.match(log, /No space left on device/);
      assert.deepEqual(kept(), before);
      assert.deepEqual(sizes(), whole);
    } finally {
      await attempt(["umount", folder]);
      await attempt(["umount", "/mnt"]);
    }
    assert.ok((await backUp("roomy")).good);
    assert.match(await status(), /the newest is 0 min old/);
  });

  it("show a truncated one: the next Job makes a good one and fails all the same", async () => {
    const [, truncated = ""] = kept();
    truncateSync(join(folder, truncated, "data.dump"), 100);
    const { good, log } = await backUp("truncated");
    assert.equal(good, false);
    assert.match(log, new RegExp(`is good, but earlier ones are damaged .*${truncated}`));
    assert.ok(readdirSync(folder).includes(`damaged-${truncated}`));
    assert.equal(kept().length, 2);
    assert.match(await status(), /FAILED/);
  });

  it("are brought back only after a yes", async () => {
    const before = await texts();
    const { code, stdout, stderr } = await restore("no\n");
    assert.equal(code, 1);
    assert.match(stdout, /Backup: {4}20\S+ {2}\d+ min old, 2 tables/);
    assert.match(stderr, /Nothing was changed/);
    assert.deepEqual(await texts(), before);
    const unknown = await restore("", "2020-01-01T00-00-00Z", "--yes");
    assert.match(unknown.stderr, /There is no intact backup 2020.*There are:.*damaged-/s);
  });

  it("bring the data back as it was, and keep what was there", async () => {
    const before = await texts();
    await post("after the last backup");
    const started = Date.now();
    const { code, stdout, stderr } = await restore("backups\n");
    console.log(`      brought back after ${secondsSince(started)} s`);
    assert.equal(code, 0, stdout + stderr);
    assert.deepEqual(await eventually(texts), before);
    const [, aside = ""] = /kept as (\S+?):/.exec(stdout) ?? [];
    assert.match(await project.query("SELECT text FROM messages", aside), /after the last backup/);
    await eventually(() => post("after the restoration"));
    assert.ok((await backUp("afterwards")).good);
  });
});
