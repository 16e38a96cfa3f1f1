import assert from "node:assert/strict";
import { checkBackups, chooseBackup, describeBackup, parseBackups } from "../../../commands/operate/backup-state.ts";
import type { ClusterObject } from "../../../commands/operate/cron-jobs.ts";

const listing = "2026-07-01T03-00-00Z 1048576 4\n2026-07-02T03-00-00Z 2097152 4\ndamaged-2026-06-30T03-00-00Z 0 0\n";
const now = new Date("2026-07-02T05:00:00Z");

describe("The backup to restore", () => {
  const backups = parseBackups(listing);

  it("is the newest intact one, or the wanted one", () => {
    assert.equal(chooseBackup(backups).name, "2026-07-02T03-00-00Z");
    assert.equal(chooseBackup(backups, "2026-07-01T03-00-00Z").tables, 4);
  });

  it("is never damaged or unknown; the error lists the backups", () => {
    assert.throws(
      () => chooseBackup(backups, "damaged-2026-06-30T03-00-00Z"),
      /There is no intact backup damaged-2026/,
    );
    assert.throws(() => chooseBackup(backups, "2020-01-01T00-00-00Z"), /2026-07-01T03-00-00Z .*4 tables, 1\.0 MiB/s);
    assert.throws(() => chooseBackup([]), /There is no backup yet\. There are:\n {2}none/);
  });

  it("is shown with its age", () => {
    assert.match(describeBackup({ name: "2026-07-02T03-00-00Z", bytes: 0, tables: 1 }, now), /Z {2}2 h old/);
    assert.match(describeBackup({ name: "2026-07-02T04-30-00Z", bytes: 0, tables: 1 }, now), /30 min old/);
    assert.match(describeBackup({ name: "2026-06-02T05-00-00Z", bytes: 0, tables: 1 }, now), /30 days old/);
  });
});

describe("The state of the backups", () => {
  const metadata = { name: "backups-1", namespace: "shop", creationTimestamp: "2026-06-01T00:00:00Z" };
  const cronJob = (overrides: Partial<ClusterObject> = {}): ClusterObject => ({
    kind: "CronJob",
    metadata: { ...metadata, annotations: { "slipway/stale-hours": "24" } },
    status: { lastSuccessfulTime: "2026-07-02T03:00:10Z" },
    ...overrides,
  });
  const failedJob = (time: string): ClusterObject => ({
    kind: "Job",
    metadata: { ...metadata, name: "backups-1-2", creationTimestamp: time, ownerReferences: [{ name: "backups-1" }] },
    status: { conditions: [{ type: "Failed", status: "True", lastTransitionTime: time }] },
  });
  const pod: ClusterObject = {
    kind: "Pod",
    metadata: { ...metadata, labels: { "job-name": "backups-1-2" } },
    status: { containerStatuses: [{ state: { terminated: { exitCode: 1, message: "oh\nno space left\n" } } }] },
  };
  const check = (...objects: ClusterObject[]) => checkBackups(objects, now)[0];

  it("is good if the newest backup is recent", () => {
    assert.deepEqual(check(cronJob()), { namespace: "shop", good: true, text: "the newest is 2 h old" });
  });

  it("is not good after a failed Job, and shows the reason", () => {
    const state = check(cronJob(), failedJob("2026-07-02T04:00:00Z"), pod);
    assert.equal(state?.good, false);
    assert.match(state?.text ?? "", /^FAILED, the newest is 2 h old: no space left \(kubectl --namespace shop logs/);
    assert.match(check(cronJob(), failedJob("2026-07-02T04:00:00Z"))?.text ?? "", /no reason given/);
  });

  it("is not good if an earlier backup is damaged, but shows the age of the new one", () => {
    const terminated = { exitCode: 42, message: "earlier ones are damaged: 2026-07-01T03-00-00Z\n" };
    const damaged = { ...pod, status: { containerStatuses: [{ state: { terminated } }] } };
    const state = check(cronJob(), failedJob("2026-07-02T04:00:00Z"), damaged);
    assert.equal(state?.good, false);
    assert.match(state?.text ?? "", /^FAILED, the newest is 1 h old: earlier ones are damaged: 2026-07-01/);
  });

  it("is not good if a Job failed in the second in which another succeeded", () => {
    assert.equal(check(cronJob(), failedJob("2026-07-02T03:00:10Z"), pod)?.good, false);
  });

  it("is good again after a successful Job", () => {
    assert.equal(check(cronJob(), failedJob("2026-07-01T04:00:00Z"), pod)?.good, true);
  });

  it("is not good if the newest backup is outdated, or none was ever made", () => {
    assert.match(
      check(cronJob({ status: { lastSuccessfulTime: "2026-07-01T03:00:00Z" } }))?.text ?? "",
      /^OUTDATED, the newest is 26 h old, more than 24 h/,
    );
    assert.match(check(cronJob({ status: {} }))?.text ?? "", /^OUTDATED, there is none yet/);
  });

  it("is good before the first backup is due", () => {
    const young = { ...metadata, creationTimestamp: "2026-07-02T04:00:00Z" };
    assert.equal(check({ kind: "CronJob", metadata: young, status: {} })?.good, true);
  });

  it("is not good while backups are suspended", () => {
    assert.match(check(cronJob({ spec: { suspend: true } }))?.text ?? "", /^SUSPENDED/);
  });
});
