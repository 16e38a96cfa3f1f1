import assert from "node:assert/strict";
import { mock } from "node:test";
import {
  deadlineSeconds,
  WaitError,
  waitUntilGone,
  waitUntilReady,
} from "../../../../../sandbox/plugins/kubernetes/await/wait.ts";
import type { Cluster } from "../../../../../sandbox/plugins/kubernetes/cluster.ts";
import type { KubernetesObject } from "../../../../../sandbox/plugins/kubernetes/object.ts";

const claim = (phase: string, annotations = {}): KubernetesObject => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name: "data", namespace: "shop", uid: "1", finalizers: ["kubernetes.io/pvc-protection"], annotations },
  status: { phase },
});

/** A cluster that gives back one recorded object after the other, and then the last one for ever. */
function recorded(...objects: (KubernetesObject | undefined)[]): Cluster {
  const get = async () => (objects.length > 1 ? objects.shift() : objects[0]);
  return { get, list: async () => [] } as unknown as Cluster;
}

/** What was shown meanwhile. */
const shown: string[] = [];

const options = (cluster: Cluster, timeoutSeconds = 1, cancelled = new AbortController().signal) => ({
  ...{ cluster, timeoutSeconds, cancelled },
  status: (message: string) => void shown.push(message),
});

describe("Waiting for an object", () => {
  afterEach(() => {
    mock.timers.reset();
    shown.length = 0;
  });

  it("ends as soon as it is ready", async () => {
    const ready = await waitUntilReady(claim("Pending"), options(recorded(claim("Pending"), claim("Bound"))));
    assert.deepEqual(ready, claim("Bound"));
    assert.equal(shown.length, 2);
    assert.match(shown[0] ?? "", /Pending/);
  });

  it("fails on the deadline with the causes and the object as it was last", async () => {
    const waiting = waitUntilReady(claim("Pending"), options(recorded(claim("Pending")), 0.3));
    await assert.rejects(waiting, (error: WaitError) => {
      assert.match(error.message, /'data' timed out after 0.3 s/);
      assert.match(error.causes[0] ?? "", /is Pending, not Bound/);
      assert.deepEqual(error.object, claim("Pending"));
      return true;
    });
  });

  it("does not give up a Deployment for the failure of an earlier rollout", async () => {
    const condition = (type: string, status: string) => ({ type, status, lastUpdateTime: "2026-03-01T10:05:00Z" });
    const web = (...conditions: object[]): KubernetesObject => ({
      ...{ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web" }, spec: { replicas: 1 } },
      status: { replicas: 1, updatedReplicas: 1, availableReplicas: conditions.length > 1 ? 1 : 0, conditions },
    });
    const late = web({ ...condition("Progressing", "False"), reason: "ProgressDeadlineExceeded" });
    const good = web(condition("Progressing", "True"), condition("Available", "True"));
    // Each look takes a second, so that the failure stands for longer than one has to before it counts.
    mock.timers.enable({ apis: ["Date"], now: Date.now() });
    const looks = recorded(late, late, late, good);
    const slow: Partial<Cluster> = {
      get: (...which) => {
        mock.timers.tick(1000);
        return looks.get(...which);
      },
    };
    assert.deepEqual(await waitUntilReady(late, options(slow as Cluster, 10)), good);
  });

  it("ends when the engine cancels", async () => {
    const canceller = new AbortController();
    setTimeout(() => canceller.abort(), 50);
    const waiting = waitUntilReady(claim("Pending"), options(recorded(claim("Pending")), 60, canceller.signal));
    await assert.rejects(waiting, /was cancelled/);
  });

  it("ends when the object is deleted meanwhile", async () => {
    await assert.rejects(waitUntilReady(claim("Pending"), options(recorded(undefined))), /was deleted while waiting/);
  });

  it("is left out where an annotation asks for that", async () => {
    const unwaited = claim("Pending", { "pulumi.com/skipAwait": "true" });
    assert.equal(await waitUntilReady(unwaited, options(recorded(unwaited))), unwaited);
  });

  it("takes as long as the resource says, else the annotation, else the kind", () => {
    const annotated = claim("Pending", { "pulumi.com/timeoutSeconds": "7" });
    assert.equal(deadlineSeconds(annotated, 5, 300), 5);
    assert.equal(deadlineSeconds(annotated, 0, 300), 7);
    assert.equal(deadlineSeconds(claim("Pending"), 0, 300), 300);
  });
});

describe("Waiting for a deletion", () => {
  it("ends when the object is gone, or when another one has its name", async () => {
    await waitUntilGone(claim("Bound"), options(recorded(claim("Bound"), undefined)));
    const other = { ...claim("Bound"), metadata: { ...claim("Bound").metadata, uid: "2" } };
    await waitUntilGone(claim("Bound"), options(recorded(other)));
  });

  it("says on the deadline what holds the object", async () => {
    const waiting = waitUntilGone(claim("Bound"), options(recorded(claim("Bound")), 0.2));
    await assert.rejects(waiting, (error: WaitError) => {
      assert.ok(error instanceof WaitError);
      assert.deepEqual(error.causes, ["held by finalizers: kubernetes.io/pvc-protection"]);
      return true;
    });
  });
});
