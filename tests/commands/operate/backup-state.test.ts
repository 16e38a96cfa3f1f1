import assert from "node:assert/strict";
import {
  type BackupObject,
  chooseBackup,
  describeBackup,
  judgeBackups,
  parseBackups,
} from "../../../commands/operate/backup-state.ts";

const listing = "2026-07-01T03-00-00Z 1048576 4\n2026-07-02T03-00-00Z 2097152 4\ndamaged-2026-06-30T03-00-00Z 0 0\n";
const now = new Date("2026-07-02T05:00:00Z");

describe("The backup to restore", () => {
  const backups = parseBackups(listing);

  it("is the newest that is intact, unless another is named", () => {
    assert.equal(chooseBackup(backups).name, "2026-07-02T03-00-00Z");
    assert.equal(chooseBackup(backups, "2026-07-01T03-00-00Z").tables, 4);
  });

  it("is never a damaged or an unknown one; the refusal lists what there is", () => {
    assert.throws(
      () => chooseBackup(backups, "damaged-2026-06-30T03-00-00Z"),
      /There is no intact backup damaged-2026/,
    );
    assert.throws(() => chooseBackup(backups, "2020-01-01T00-00-00Z"), /2026-07-01T03-00-00Z .*4 tables, 1\.0 MiB/s);
    assert.throws(() => chooseBackup([]), /There is no backup yet\. There are:\n {2}none/);
  });

  it("is described by its age", () => {
    assert.match(describeBackup({ name: "2026-07-02T03-00-00Z", bytes: 0, tables: 1 }, now), /Z {2}2 h old/);
    assert.match(describeBackup({ name: "2026-07-02T04-30-00Z", bytes: 0, tables: 1 }, now), /30 min old/);
    assert.match(describeBackup({ name: "2026-06-02T05-00-00Z", bytes: 0, tables: 1 }, now), /30 days old/);
  });
});

describe("The state of the backups", () => {
  const metadata = { name: "backups-1", namespace: "shop", creationTimestamp: "2026-06-01T00:00:00Z" };
  const cronJob = (overrides: Partial<BackupObject> = {}): BackupObject => ({
    kind: "CronJob",
    metadata: { ...metadata, annotations: { "slipway/stale-hours": "24" } },
    status: { lastSuccessfulTime: "2026-07-02T03:00:10Z" },
    ...overrides,
  });
  const failedJob = (time: string): BackupObject => ({
    kind: "Job",
    metadata: { ...metadata, name: "backups-1-2", creationTimestamp: time, ownerReferences: [{ name: "backups-1" }] },
    status: { conditions: [{ type: "Failed", status: "True", lastTransitionTime: time }] },
  });
  const pod: BackupObject = {
    kind: "Pod",
    metadata: { ...metadata, labels: { "job-name": "backups-1-2" } },
    status: { containerStatuses: [{ state: { terminated: { exitCode: 1, message: "oh\nno space left\n" } } }] },
  };
  const judged = (...objects: BackupObject[]) => judgeBackups(objects, now)[0];

  it("is good while the newest is young", () => {
    assert.deepEqual(judged(cronJob()), { namespace: "shop", good: true, text: "the newest is 2 h old" });
  });

  it("is not good after a failure, and says why", () => {
    const state = judged(cronJob(), failedJob("2026-07-02T04:00:00Z"), pod);
    assert.equal(state?.good, false);
    assert.match(state?.text ?? "", /^FAILED, the newest is 2 h old: no space left \(kubectl --namespace shop logs/);
    assert.match(judged(cronJob(), failedJob("2026-07-02T04:00:00Z"))?.text ?? "", /no word of why/);
  });

  it("is not good where an earlier one is damaged, but knows the age of the good one that was made then", () => {
    const terminated = { exitCode: 42, message: "earlier ones are damaged: 2026-07-01T03-00-00Z\n" };
    const damaged = { ...pod, status: { containerStatuses: [{ state: { terminated } }] } };
    const state = judged(cronJob(), failedJob("2026-07-02T04:00:00Z"), damaged);
    assert.equal(state?.good, false);
    assert.match(state?.text ?? "", /^FAILED, the newest is 1 h old: earlier ones are damaged: 2026-07-01/);
  });

  it("is good again after a success", () => {
    assert.equal(judged(cronJob(), failedJob("2026-07-01T04:00:00Z"), pod)?.good, true);
  });

  it("is not good where the newest is outdated, or none was ever made", () => {
    assert.match(
      judged(cronJob({ status: { lastSuccessfulTime: "2026-07-01T03:00:00Z" } }))?.text ?? "",
      /^OUTDATED, the newest is 26 h old, more than 24 h/,
    );
    assert.match(judged(cronJob({ status: {} }))?.text ?? "", /^OUTDATED, there is none yet/);
  });

  it("gives the first one its time", () => {
    const young = { ...metadata, creationTimestamp: "2026-07-02T04:00:00Z" };
    assert.equal(judged({ kind: "CronJob", metadata: young, status: {} })?.good, true);
  });

  it("is not good while no more are made", () => {
    assert.match(judged(cronJob({ spec: { suspend: true } }))?.text ?? "", /^SUSPENDED/);
  });
});
