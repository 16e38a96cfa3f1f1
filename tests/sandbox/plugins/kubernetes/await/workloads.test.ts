import assert from "node:assert/strict";
import {
  judgeDeployment,
  judgeJob,
  judgePod,
  judgeStatefulSet,
} from "../../../../../sandbox/plugins/kubernetes/await/workloads.ts";
import { type KubernetesObject, kindOf } from "../../../../../sandbox/plugins/kubernetes/object.ts";

/** An object as a controller leaves it: spec, status, and the generation that the controller should have seen. */
function object(apiVersion: string, kind: string, spec: object, status: object, generation = 2): KubernetesObject {
  return { apiVersion, kind, metadata: { name: "web", namespace: "shop", generation }, spec, status };
}

const available = { type: "Available", status: "True", reason: "MinimumReplicasAvailable" };
const progressing = { type: "Progressing", status: "True", reason: "NewReplicaSetAvailable" };
const deployment = (status: object) => object("apps/v1", "Deployment", { replicas: 2 }, status);

describe("A Deployment", () => {
  const done = { observedGeneration: 2, replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 };

  it("is ready when the new pods are available and the old ones gone", () => {
    const verdict = judgeDeployment(deployment({ ...done, conditions: [available, progressing] }));
    assert.equal(verdict.state, "ready");
  });

  it("is not judged by a status that is older than the change", () => {
    const verdict = judgeDeployment(deployment({ ...done, observedGeneration: 1, conditions: [available] }));
    assert.equal(verdict.state, "waiting");
  });

  it("waits for the old pods to go", () => {
    const verdict = judgeDeployment(deployment({ ...done, replicas: 3, conditions: [available] }));
    assert.equal(verdict.state, "waiting");
  });

  it("counts the new pods only, as the official plugin words it", () => {
    const status = {
      observedGeneration: 2,
      replicas: 3,
      updatedReplicas: 1,
      availableReplicas: 2,
      conditions: [available],
    };
    const verdict = judgeDeployment(deployment(status));
    assert.ok(verdict.state === "waiting");
    assert.equal(verdict.progress, "Waiting for app ReplicaSet to be available (0/2 Pods available)");
    assert.deepEqual(verdict.causes, ["0 of 2 Pods of the new ReplicaSet are available"]);
  });

  it("has failed when its progress deadline has passed", () => {
    const late = { type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded", message: "timed out" };
    const unavailable = {
      type: "Available",
      status: "False",
      reason: "MinimumReplicasUnavailable",
      message: "too few",
    };
    const verdict = judgeDeployment(deployment({ observedGeneration: 2, conditions: [late, unavailable] }));
    assert.ok(verdict.state === "failed");
    assert.deepEqual(verdict.causes, [
      "[ProgressDeadlineExceeded] timed out",
      "[MinimumReplicasUnavailable] too few",
      "Minimum number of live Pods was not attained",
    ]);
  });

  it("is waited for again where it had failed before: the condition stands until there is progress", () => {
    const late = {
      type: "Progressing",
      status: "False",
      reason: "ProgressDeadlineExceeded",
      lastTransitionTime: "2026-03-01T10:00:00Z",
      lastUpdateTime: "2026-03-01T10:05:00Z",
    };
    const failed = deployment({ observedGeneration: 2, conditions: [late] });
    const judgedSince = (moment: string) => judgeDeployment(failed, Date.parse(moment)).state;
    assert.equal(judgedSince("2026-03-01T10:05:01.000Z"), "waiting");
    assert.equal(judgedSince("2026-03-01T10:05:00.900Z"), "failed", "the condition's time is a whole second");
    assert.equal(judgedSince("2026-03-01T10:04:00.000Z"), "failed");
    assert.equal(judgeDeployment(failed).state, "failed");
  });

  it("is ready without pods when it wants none", () => {
    const none = object("apps/v1", "Deployment", { replicas: 0 }, { observedGeneration: 2, conditions: [available] });
    assert.equal(judgeDeployment(none).state, "ready");
  });
});

describe("A StatefulSet", () => {
  const set = (status: object) =>
    object("apps/v1", "StatefulSet", { replicas: 1 }, { observedGeneration: 2, ...status });
  const ready = { replicas: 1, readyReplicas: 1, currentReplicas: 1, updatedReplicas: 1 };

  it("is ready when its pods are ready and of the newest revision", () => {
    assert.equal(judgeStatefulSet(set({ ...ready, currentRevision: "b", updateRevision: "b" })).state, "ready");
  });

  it("waits while the ready pod is still the old one", () => {
    const verdict = judgeStatefulSet(set({ ...ready, updatedReplicas: 0, currentRevision: "a", updateRevision: "b" }));
    assert.ok(verdict.state === "waiting");
    assert.deepEqual(verdict.causes, ['StatefulSet controller failed to advance from revision "a" to "b"']);
  });

  it("says how many pods are not ready", () => {
    const verdict = judgeStatefulSet(set({ replicas: 1, currentRevision: "a", updateRevision: "a" }));
    assert.ok(verdict.state === "waiting");
    assert.deepEqual(verdict.causes, ["0 out of 1 replicas succeeded readiness checks"]);
  });
});

describe("A Job", () => {
  const job = (status: object) => object("batch/v1", "Job", {}, status);

  it("is ready when it is complete", () => {
    assert.equal(judgeJob(job({ conditions: [{ type: "Complete", status: "True" }] })).state, "ready");
  });

  it("has failed as soon as its controller gives up, with the reason", () => {
    const failed = { type: "Failed", status: "True", reason: "BackoffLimitExceeded", message: "too many" };
    const verdict = judgeJob(job({ failed: 1, conditions: [failed] }));
    assert.deepEqual(verdict, { state: "failed", causes: ["[BackoffLimitExceeded] too many"] });
  });

  it("waits while it runs", () => {
    assert.equal(judgeJob(job({ active: 1 })).state, "waiting");
  });
});

describe("A Pod", () => {
  const pod = (status: object) => object("v1", "Pod", {}, status);

  it("is ready by its condition or when it has run to its end, and fails for good", () => {
    assert.equal(judgePod(pod({ phase: "Running", conditions: [{ type: "Ready", status: "True" }] })).state, "ready");
    assert.equal(judgePod(pod({ phase: "Succeeded" })).state, "ready");
    assert.equal(judgePod(pod({ phase: "Failed", reason: "Evicted" })).state, "failed");
    assert.equal(kindOf(pod({})).kind, "Pod");
  });
});
