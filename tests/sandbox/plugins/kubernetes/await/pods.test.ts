import assert from "node:assert/strict";
import { podCauses } from "../../../../../sandbox/plugins/kubernetes/await/pods.ts";
import type { KubernetesObject } from "../../../../../sandbox/plugins/kubernetes/object.ts";

function pod(status: object): KubernetesObject {
  const spec = { containers: [{ name: "web", image: "shop@sha256:1" }] };
  return { apiVersion: "v1", kind: "Pod", metadata: { name: "web-1", namespace: "shop" }, spec, status };
}

const notReady = { type: "Ready", status: "False" };

describe("A pod's causes", () => {
  it("are none when it is ready or has done its work", () => {
    assert.deepEqual(podCauses(pod({ conditions: [{ type: "Ready", status: "True" }] })), []);
    assert.deepEqual(podCauses(pod({ phase: "Succeeded" })), []);
  });

  it("say what keeps it from being scheduled", () => {
    const unscheduled = {
      type: "PodScheduled",
      status: "False",
      reason: "Unschedulable",
      message: "0/1 nodes: no memory",
    };
    assert.deepEqual(podCauses(pod({ conditions: [unscheduled] })), [
      "[Pod shop/web-1]: [Unschedulable] 0/1 nodes: no memory",
    ]);
  });

  it("name the container, its image, state, reason, exit code and restarts", () => {
    const containerStatuses = [
      {
        ...{ name: "web", image: "resolved", ready: false, restartCount: 3 },
        state: { waiting: { reason: "CrashLoopBackOff", message: "back-off 40s" } },
        lastState: { terminated: { reason: "OOMKilled", exitCode: 137 } },
      },
    ];
    assert.deepEqual(podCauses(pod({ conditions: [notReady], containerStatuses })), [
      '[Pod shop/web-1]: container "web" (image shop@sha256:1) is waiting: [CrashLoopBackOff] back-off 40s; it last terminated: [OOMKilled] exit code 137, restarted 3 times',
    ]);
  });

  it("tell a container that runs without being ready, and one that ended", () => {
    const state = (status: object) =>
      podCauses(pod({ conditions: [notReady], containerStatuses: [{ name: "web", ...status }] }));
    const running = state({ ready: false, state: { running: {} } });
    assert.match(running[0] ?? "", /is running but not ready$/);
    const terminated = { reason: "Error", exitCode: 3, message: "boom\n" };
    const ended = state({ ready: false, state: { terminated } });
    assert.match(ended[0] ?? "", /terminated: \[Error\] exit code 3: boom$/);
  });
});
