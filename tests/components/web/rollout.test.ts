import assert from "node:assert/strict";
import type { V1Deployment, V1StatefulSet } from "@kubernetes/client-node";
import { progressOf, watchRollout } from "../../../components/web/rollout.ts";

const image = `registry.example.com/shop@sha256:${"a".repeat(64)}`;

/** A Deployment of two pods, rolled out unless the status says otherwise. */
const deployment = (status: V1Deployment["status"] = {}, running = image, generation = 3): V1Deployment => ({
  metadata: { generation },
  spec: {
    replicas: 2,
    selector: {},
    template: { spec: { containers: [{ name: "web", image: running }] } },
  },
  status: { observedGeneration: 3, replicas: 2, updatedReplicas: 2, availableReplicas: 2, readyReplicas: 2, ...status },
});

/** Watches a rollout through an API that answers with each of these in turn, and then with the last one. */
async function watch(deadlineSeconds: number, ...answers: (V1Deployment | Error)[]) {
  const logged: string[] = [];
  const read = async () => {
    const [answer] = answers.length > 1 ? answers.splice(0, 1) : answers;
    if (answer instanceof Error) throw answer;
    return answer as V1Deployment;
  };
  const log = (text: string) => logged.push(text);
  const missing = await watchRollout(read, { image, deadlineSeconds, log });
  return { missing, logged };
}

describe("Rollout", () => {
  it("is complete once all pods are of the present revision and available", () => {
    assert.equal(progressOf(deployment(), image).done, true);
  });

  const incomplete: [why: string, deployment: V1Deployment, waitsFor: RegExp][] = [
    ["its controller has not seen the revision", deployment({}, image, 4), /still to be seen by its controller/],
    ["there is no status yet", { ...deployment(), status: undefined }, /still to be seen/],
    ["a new pod is missing", deployment({ updatedReplicas: 1 }), /1 of 2 new pods exist/],
    ["an old pod is still there", deployment({ replicas: 3 }), /1 pods of the version before/],
    ["a new pod is not available", deployment({ availableReplicas: 1 }), /1 of 2 new pods are available/],
    ["somebody else has set another image", deployment({}, "other"), /somebody else has changed that/],
  ];
  for (const [why, object, waitsFor] of incomplete)
    it(`is incomplete while ${why}`, () => {
      const progress = progressOf(object, image);
      assert.equal(progress.done, false);
      assert.match(progress.waitsFor, waitsFor);
    });

  it("is complete for a StatefulSet in the same way", () => {
    const set = (status: object): V1StatefulSet => ({
      spec: { replicas: 1, selector: {}, template: { spec: { containers: [{ name: "cache", image }] } } },
      status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1, ...status },
    });
    assert.equal(progressOf(set({}), image).done, true);
    assert.match(progressOf(set({ updatedReplicas: 0 }), image).waitsFor, /0 of 1 new pods exist/);
    assert.match(progressOf(set({ availableReplicas: 0 }), image).waitsFor, /0 of 1 new pods are available/);
  });

  it("is awaited, and each step is logged once", async () => {
    const steps = [deployment({ updatedReplicas: 1 }), deployment({ availableReplicas: 1 }), deployment()];
    assert.deepEqual(await watch(5, ...steps), {
      missing: undefined,
      logged: ["1 of 2 new pods exist", "1 of 2 new pods are available"],
    });
  });

  it("fails after its deadline without progress, with the missing step", async () => {
    const began = performance.now();
    assert.match((await watch(1, deployment({ availableReplicas: 1 }))).missing ?? "", /1 of 2 new pods are available/);
    const seconds = (performance.now() - began) / 1000;
    assert.ok(seconds >= 1 && seconds < 3, `${seconds} s`);
  });

  it("restarts its deadline with each new pod, as a large application takes its time", async () => {
    const steps = [0, 1, 2].flatMap((available) => Array(3).fill(deployment({ availableReplicas: available })));
    assert.equal((await watch(1, ...steps, deployment())).missing, undefined);
  });

  it("continues while the API server is out of reach, until the deadline", async () => {
    const refused = new Error("connect ECONNREFUSED 127.0.0.1:6443\nat once");
    assert.equal((await watch(1, refused, refused, deployment())).missing, undefined);
    assert.equal((await watch(1, refused)).missing, "the API server says connect ECONNREFUSED 127.0.0.1:6443");
  });

  it("counts a pod that comes and goes as no progress", async () => {
    const flapping = [0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0].map((availableReplicas) => deployment({ availableReplicas }));
    assert.match((await watch(1, ...flapping)).missing ?? "", /0 of 2 new pods are available/);
  });
});
