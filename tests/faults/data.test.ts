import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "../../sandbox/eventually.ts";
import { nodeServices } from "../../sandbox/node-services.ts";
import { allGone } from "../../sandbox/process-identity.ts";
import { readPidFile, startServices } from "../../sandbox/services.ts";
import { Noticeboard } from "../e2e/noticeboard.ts";
import { killProcesses } from "../e2e/processes.ts";
import { Project } from "../e2e/project.ts";
import { traffic } from "../e2e/traffic.ts";

const board = new Noticeboard(30086);

describe("Acknowledged writes, end to end", () => {
  const project = Project.forSuite("data");

  const ready = () =>
    eventually(() => project.kubectl("wait", "pod", "database-0", "--for=condition=Ready", "--timeout=60s"), 120);

  const serverLog = () => project.kubectl("logs", "database-0", "--container=postgres");

  const written: string[] = [];
  /** Writes during a fault, and until this number of writes was acknowledged in total. */
  const writeDuring = async (fault: () => Promise<unknown>, atLeast: number): Promise<void> => {
    const { acknowledged, failures } = await traffic(board.url, async (soFar) => {
      await sleep(500);
      await fault();
      await ready();
      const during = soFar.acknowledged.length;
      // At least 50 after the fault.
      const enough = Math.max(during + 50, atLeast - written.length);
      await eventually(async () => assert.ok(soFar.acknowledged.length >= enough), 120);
    });
    written.push(...acknowledged);
    console.log(`      ${acknowledged.length} writes acknowledged, ${failures.length} requests failed meanwhile`);
  };

  const assertAllStored = async () => {
    const rows = (await project.query("SELECT text FROM messages")).split("\n");
    const stored = new Set(rows);
    const missing = written.filter((text) => !stored.has(text));
    assert.deepEqual(missing, []);
    assert.equal(stored.size, rows.length, "each once");
  };

  before(async () => {
    await project.deploy({ nodePort: 30086 });
    await board.ready("/health/ready");
  });

  it("survive the deletion of the database's pod, which stops and starts cleanly", async () => {
    await writeDuring(() => project.kubectl("delete", "pod", "database-0", "--wait=true"), 300);
    await assertAllStored();
    const log = await serverLog();
    assert.match(log, /database system was shut down at/);
    assert.doesNotMatch(log, /not properly shut down|automatic recovery|redo starts/);
  });

  it("survive a SIGKILL of the database's container", async () => {
    await writeDuring(async () => {
      const id = await project.field("pod/database-0", '.status.containerStatuses[?(@.name=="postgres")].containerID');
      assert.match(id, /^containerd:\/\/[0-9a-f]{64}$/);
      killProcesses(id.replace("containerd://", ""));
      await eventually(async () => assert.match(await serverLog(), /not properly shut down/), 60);
    }, 600);
    await assertAllStored();
  });

  it("survive a SIGKILL of the kubelet and of the container runtime", async () => {
    const before = await project.field("pod/database-0", ".metadata.uid");
    await writeDuring(async () => {
      const killed = ["kubelet", "containerd"].map((name) => {
        const service = readPidFile(name);
        assert.ok(service, `${name} runs`);
        process.kill(service.pid, "SIGKILL");
        return service;
      });
      // A killed process exists for a moment longer.
      assert.ok(await allGone(killed, 10));
      await startServices(nodeServices());
    }, 1000);
    await assertAllStored();
    assert.equal(await project.field("pod/database-0", ".metadata.uid"), before);
    console.log(`      ${written.length} acknowledged writes, each stored once`);
  });
});
