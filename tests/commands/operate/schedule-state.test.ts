import assert from "node:assert/strict";
import type { ClusterObject } from "../../../commands/operate/cron-jobs.ts";
import { checkSchedules } from "../../../commands/operate/schedule-state.ts";

const now = new Date("2026-07-02T05:00:00Z");
const metadata = {
  name: "clean-up-1",
  namespace: "shop",
  creationTimestamp: "2026-06-01T00:00:00Z",
  labels: { "app.kubernetes.io/name": "clean-up" },
};
const cronJob = (status: ClusterObject["status"] = {}, spec = {}): ClusterObject => ({
  kind: "CronJob",
  metadata,
  spec,
  status,
});
const failedJob = (time: string, namespace = "shop"): ClusterObject => ({
  kind: "Job",
  metadata: {
    name: "clean-up-1-2",
    namespace,
    creationTimestamp: time,
    ownerReferences: [{ name: "clean-up-1" }],
  },
  status: {
    conditions: [{ type: "Failed", status: "True", lastTransitionTime: time, reason: "BackoffLimitExceeded" }],
  },
});
const pod = (status: ClusterObject["status"]): ClusterObject => ({
  kind: "Pod",
  metadata: { ...metadata, labels: { "job-name": "clean-up-1-2" } },
  status,
});
const ended = (terminated: { exitCode: number; reason?: string; message?: string }) => ({
  containerStatuses: [{ state: { terminated } }],
});
const check = (...objects: ClusterObject[]) => checkSchedules(objects, now)[0];
const failedAt = "2026-07-02T04:00:00Z";

describe("The state of a schedule", () => {
  it("is good if its last run succeeded, or none was due yet", () => {
    const state = check(cronJob({ lastSuccessfulTime: "2026-07-02T03:00:00Z" }));
    assert.deepEqual(state, { namespace: "shop", name: "clean-up", good: true, text: "last succeeded 2 h ago" });
    assert.deepEqual([check(cronJob())?.good, check(cronJob())?.text], [true, "never succeeded yet"]);
  });

  it("is not good after a failed run, and shows the reason and the command for its log", () => {
    const state = check(cronJob(), failedJob(failedAt), pod(ended({ exitCode: 3, reason: "Error" })));
    assert.equal(state?.good, false);
    assert.equal(
      state?.text,
      "FAILED 1 h ago, never succeeded yet: exit code 3 (Error) (kubectl --namespace shop logs job/clean-up-1-2)",
    );
  });

  it("names a message that the command left, and an exceeded deadline", () => {
    const reason = (status: ClusterObject["status"]) => check(cronJob(), failedJob(failedAt), pod(status))?.text;
    assert.match(reason(ended({ exitCode: 1, message: "oh\ndisk full\n" })) ?? "", /: disk full \(kubectl/);
    const stopped = { ...ended({ exitCode: 137, reason: "Error" }), reason: "DeadlineExceeded" };
    assert.match(reason(stopped) ?? "", /: it exceeded its deadline \(kubectl/);
    assert.match(check(cronJob(), failedJob(failedAt))?.text ?? "", /: BackoffLimitExceeded \(kubectl/);
  });

  it("is good again after a later success, and does not depend on other namespaces", () => {
    assert.equal(check(cronJob({ lastSuccessfulTime: "2026-07-02T04:30:00Z" }), failedJob(failedAt))?.good, true);
    assert.equal(check(cronJob(), failedJob(failedAt, "other"))?.good, true);
  });

  it("is not good while it is suspended", () => {
    assert.match(check(cronJob({}, { suspend: true }))?.text ?? "", /^SUSPENDED, never succeeded yet/);
  });
});
