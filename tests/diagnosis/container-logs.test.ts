import assert from "node:assert/strict";
import type { CoreV1Api, V1ContainerStatus } from "@kubernetes/client-node";
import { failingContainers, readTail } from "../../diagnosis/container-logs.ts";
import { pod } from "./sample-evidence.ts";

const exited = { terminated: { exitCode: 3 } };
const removed = "unable to retrieve container logs for containerd://0a1b\n";
const refused = new Error("HTTP-Code: 500\nMessage: no");

/** Reads the log of a failing container whose current and previous runs wrote these texts. */
async function tail(status: Partial<V1ContainerStatus>, logs: { current: string | Error; previous?: string | Error }) {
  const [container] = failingContainers([pod(status)]);
  assert.ok(container);
  const readNamespacedPodLog = async ({ previous }: { previous?: boolean }) => {
    const log = previous ? (logs.previous ?? refused) : logs.current;
    if (log instanceof Error) throw log;
    return log;
  };
  return readTail({ readNamespacedPodLog } as unknown as CoreV1Api, "shop", container, 32);
}

describe("Logs of failing containers", () => {
  const running = { state: { running: {} } };
  const crashLooping = { state: { waiting: { reason: "CrashLoopBackOff" } }, lastState: exited };
  const justEnded = { state: exited, lastState: exited };

  it("come from the run that has any, if a container restarts meanwhile", async () => {
    const lines = ["last words"];
    assert.deepEqual(await tail(running, { current: "last words\n" }), { lines });
    for (const current of ["", removed])
      assert.deepEqual(await tail(justEnded, { current, previous: "last words" }), { lines });
    for (const previous of ["", refused])
      assert.deepEqual(await tail(crashLooping, { current: "last words", previous }), { lines });
  });

  it("are read again if the kubelet has just removed the run", async () => {
    const logs = { current: removed, previous: removed };
    setTimeout(() => Object.assign(logs, { previous: "last words" }), 300);
    assert.deepEqual(await tail(justEnded, logs), { lines: ["last words"] });
  });

  it("are missing with the reason", async () => {
    assert.deepEqual(await tail(running, { current: "\n" }), { missing: "it wrote nothing" });
    assert.deepEqual(await tail(running, { current: refused }), { missing: "the log cannot be read: HTTP-Code: 500" });
  });

  it("lose a last line that was cut, which could show half a secret", async () => {
    const current = `whole\n${"x".repeat(256 * 1024)}`;
    assert.deepEqual(await tail(running, { current }), { lines: ["whole"] });
  });

  it("are those of containers that started and are not ready, the one with most restarts first", () => {
    const status = (name: string, more: object) => ({ ...pod({ name, ...more }).status?.containerStatuses?.[0] });
    const statuses = [
      status("ready", { ...running, ready: true }),
      status("done", { state: { terminated: { exitCode: 0 } } }),
      status("pending", { state: { waiting: {} } }),
      status("once", { ...crashLooping, restartCount: 1 }),
      status("often", { ...crashLooping, restartCount: 5 }),
    ] as V1ContainerStatus[];
    const failing = failingContainers([
      pod({}, { containerStatuses: statuses }),
      pod({ ...crashLooping, name: "once" }),
      {},
    ]);
    assert.deepEqual(
      failing.map(({ container }) => container),
      ["often", "once"],
    );
  });
});
