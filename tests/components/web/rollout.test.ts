import assert from "node:assert/strict";
import type { V1Deployment } from "@kubernetes/client-node";
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

describe("A rollout", () => {
  it("is done once all pods are of the present revision and available", () => {
    assert.equal(progressOf(deployment(), image).done, true);
  });

  const unfinished: [why: string, deployment: V1Deployment, waitsFor: RegExp][] = [
    [
      "its controller has not seen the present revision",
      deployment({}, image, 4),
      /still to be seen by its controller/,
    ],
    ["there is no status yet", { ...deployment(), status: undefined }, /still to be seen/],
    ["a new pod is still to be made", deployment({ updatedReplicas: 1 }), /1 of 2 new pods exist/],
    ["a pod of the version before is still there", deployment({ replicas: 3 }), /1 pods of the version before/],
    ["a new pod is not available", deployment({ availableReplicas: 1 }), /1 of 2 new pods are available/],
    ["somebody else has set another image", deployment({}, "other"), /somebody else has changed that/],
  ];
  for (const [why, object, waitsFor] of unfinished)
    it(`is not done while ${why}`, () => {
      const { done, waitsFor: said } = progressOf(object, image);
      assert.equal(done, false);
      assert.match(said, waitsFor);
    });

  /** Answers with each of these in turn, and with the last one from then on. */
  const server = (...answers: V1Deployment[]) => ({
    readNamespacedDeployment: async () => (answers.length > 1 ? answers.shift() : answers[0]) as V1Deployment,
  });
  const name = { namespace: "shop", name: "web" };
  const watching = (deadlineSeconds: number, ...answers: V1Deployment[]) => {
    const logged: string[] = [];
    const log = (text: string) => logged.push(text);
    return watchRollout(server(...answers), name, { image, deadlineSeconds, log }).then((left) => ({ left, logged }));
  };

  it("is waited for, and told step by step", async () => {
    const { left, logged } = await watching(
      5,
      deployment({ updatedReplicas: 1 }),
      deployment({ availableReplicas: 1 }),
      deployment(),
    );
    assert.equal(left, undefined);
    assert.deepEqual(logged, ["1 of 2 new pods exist", "1 of 2 new pods are available"]);
  });

  it("has failed after its deadline without progress, and says what it was waiting for", async () => {
    const began = performance.now();
    const { left } = await watching(1, deployment({ availableReplicas: 1 }));
    assert.match(left ?? "", /1 of 2 new pods are available/);
    const seconds = (performance.now() - began) / 1000;
    assert.ok(seconds >= 1 && seconds < 3, `${seconds} s`);
  });

  it("has its deadline anew with each pod: a large one takes its time", async () => {
    const steps = [0, 1, 2].flatMap((available) => Array(3).fill(deployment({ availableReplicas: available })));
    const { left } = await watching(1, ...steps, deployment());
    assert.equal(left, undefined);
  });

  it("is waited for while the API server is out of reach, for as long as a rollout may stand still", async () => {
    let asked = 0;
    const api = (answers: boolean) => ({
      readNamespacedDeployment: async () => {
        if (asked++ < 2 || !answers) throw new Error("connect ECONNREFUSED 127.0.0.1:6443\nat once");
        return deployment();
      },
    });
    const args = { image, deadlineSeconds: 1, log: () => {} };
    assert.equal(await watchRollout(api(true), name, args), undefined);
    assert.equal(await watchRollout(api(false), name, args), "the API server says connect ECONNREFUSED 127.0.0.1:6443");
  });

  it("makes no progress by a pod that comes and goes", async () => {
    const flapping = [0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0].map((availableReplicas) => deployment({ availableReplicas }));
    const { left } = await watching(1, ...flapping);
    assert.match(left ?? "", /0 of 2 new pods are available/);
  });
});
