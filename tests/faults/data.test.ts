import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { eventually } from "../../sandbox/eventually.ts";
import { nodeServices } from "../../sandbox/node-services.ts";
import { allGone } from "../../sandbox/process-identity.ts";
import { readPidFile, startServices } from "../../sandbox/services.ts";
import { Project } from "../e2e/project.ts";
import { traffic } from "../e2e/traffic.ts";

const url = "http://localhost:30086";

describe("Acknowledged writes, end to end", () => {
  const project = new Project("data");

  const ready = () =>
    eventually(() => project.kubectl("wait", "pod", "database-0", "--for=condition=Ready", "--timeout=60s"), 120);

  const query = async (sql: string): Promise<string[]> => (await project.query(sql)).split("\n");

  const serverLog = () => project.kubectl("logs", "database-0", "--container=postgres");

  /** Writes while something happens, and on until so many writes were acknowledged in all. */
  const written: string[] = [];
  const writeDuring = async (fault: () => Promise<unknown>, atLeast: number): Promise<void> => {
    const { acknowledged, failures } = await traffic(url, async (sofar) => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      await fault();
      await ready();
      const during = sofar.acknowledged.length;
      // Some after it too, whatever it has broken.
      const enough = Math.max(during + 50, atLeast - written.length);
      await eventually(async () => assert.ok(sofar.acknowledged.length >= enough), 120);
    });
    written.push(...acknowledged);
    console.log(`      ${acknowledged.length} writes acknowledged, ${failures.length} requests failed meanwhile`);
  };

  const assertAllThere = async () => {
    const rows = (await query("SELECT text FROM messages")).sort();
    const there = new Set(rows);
    const missing = written.filter((text) => !there.has(text));
    assert.deepEqual(missing, []);
    assert.equal(there.size, rows.length, "none is there twice");
  };

  before(async () => {
    project.configure((config) => {
      config["slipway:web"].nodePort = 30086;
    });
    await project.create();
    await project.up();
    await eventually(async () => assert.equal((await fetch(`${url}/health/ready`)).status, 200));
  });

  after(() => project.remove());

  it("are there after the database's pod was deleted, which stops and starts cleanly", async () => {
    await writeDuring(() => project.kubectl("delete", "pod", "database-0", "--wait=true"), 300);
    await assertAllThere();
    const log = await serverLog();
    assert.match(log, /database system was shut down at/);
    assert.doesNotMatch(log, /not properly shut down|automatic recovery|redo starts/);
  });

  it("are there after its container was killed without warning", async () => {
    await writeDuring(async () => {
      const id = await project.kubectl(
        ...["get", "pod", "database-0"],
        '--output=jsonpath={.status.containerStatuses[?(@.name=="postgres")].containerID}',
      );
      killContainer(id.replace("containerd://", ""));
      await eventually(async () => assert.match(await serverLog(), /not properly shut down/), 60);
    }, 600);
    await assertAllThere();
  });

  it("are there after the kubelet and the container runtime were killed and started again", async () => {
    const before = await project.kubectl("get", "pod", "database-0", "--output=jsonpath={.metadata.uid}");
    await writeDuring(async () => {
      const killed = ["kubelet", "containerd"].map((name) => {
        const record = readPidFile(name);
        assert.ok(record, `${name} runs`);
        process.kill(record.pid, "SIGKILL");
        return record;
      });
      // A process that was killed is there for a moment longer.
      assert.ok(await allGone(killed, 10));
      await startServices(nodeServices());
    }, 1000);
    await assertAllThere();
    assert.equal(await project.kubectl("get", "pod", "database-0", "--output=jsonpath={.metadata.uid}"), before);
    console.log(`      ${written.length} acknowledged writes, each there once`);
  });
});

/** Kills the processes of one container without warning. */
function killContainer(id: string): void {
  assert.match(id, /^[0-9a-f]{64}$/);
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      if (readFileSync(`/proc/${pid}/cgroup`, "utf8").includes(id)) process.kill(Number(pid), "SIGKILL");
    } catch (error) {
      // The first one takes the others with it: they may be gone before their turn comes.
      if (!["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    }
  }
}
