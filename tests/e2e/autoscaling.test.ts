import assert from "node:assert/strict";
import { ensureAddons } from "../../sandbox/addons.ts";
import { eventually } from "../../sandbox/eventually.ts";
import { Load } from "./load.ts";
import { Project } from "./project.ts";

const url = "http://localhost:30085";
const replicas = { min: 1, max: 3 };

describe("An autoscaler under measured load, end to end", () => {
  const project = new Project("autoscaling");
  /** A few requests a second from the beginning to the end: every step may cost one. */
  let visitors: Load;
  let crowd: Load | undefined;

  const field = async (kind: string, path: string) =>
    Number(await project.kubectl("get", kind, `--output=jsonpath={.items[0].${path}}`));
  const wanted = () => field("deployments", "spec.replicas");
  const ready = () => field("deployments", "status.readyReplicas");

  /** Waits until so many pods are wanted and ready; says how long that took. */
  const scaledTo = async (count: number, seconds: number) => {
    const begun = Date.now();
    await eventually(async () => assert.deepEqual([await wanted(), await ready()], [count, count]), seconds);
    console.log(`      scaled to ${count} after ${((Date.now() - begun) / 1000).toFixed(0)} s`);
  };

  const noneFailed = ({ result: { requests, failures, slowest } }: Load) => {
    console.log(`      ${requests} requests, ${failures.length} failed, the slowest took ${slowest} ms`);
    assert.deepEqual(failures, []);
  };

  before(async function () {
    // The first time, metrics-server is compiled.
    this.timeout(900_000);
    await ensureAddons([{ "slipway:web": { replicas } }]);
    project.configure((config) => {
      // 70 % of so little is less than the crowd takes of one pod, and more than the visitors do.
      Object.assign(config["slipway:web"], { nodePort: 30085, replicas, resources: { cpu: "100m" } });
    });
    await project.create();
    await project.up();
    await eventually(async () => assert.equal((await fetch(url)).status, 200));
    visitors = new Load({ url, perSecond: 4 });
  });

  after(async () => {
    await Promise.all([visitors?.stop(), crowd?.stop()]);
    await project.remove();
  });

  it("has measured CPU to go by, and leaves one pod alone that has little to do", async () => {
    const utilization = "status.currentMetrics[0].resource.current.averageUtilization";
    const percent = await eventually(async () => {
      const measured = await field("horizontalpodautoscalers", utilization);
      assert.ok(measured > 0);
      return measured;
    }, 90);
    assert.ok(percent < 70, `${percent} %`);
    assert.equal(await wanted(), replicas.min);
  });

  it("adds pods while there is much to do", async () => {
    crowd = new Load({ url, perSecond: 120 });
    await scaledTo(replicas.max, 120);
  });

  it("keeps its number through an up, which costs no request", async () => {
    const numbers = new Set<number>();
    const watching = setInterval(() => wanted().then((number) => numbers.add(number)), 500);
    try {
      project.configure((config) => {
        config["slipway:web"].environment.APP_ENVIRONMENT = "crowded";
      });
      await project.up();
    } finally {
      clearInterval(watching);
    }
    await eventually(() => project.noneStopping());
    assert.match(await (await fetch(url)).text(), /<title>Noticeboard \(crowded\)/);
    assert.deepEqual([...numbers], [replicas.max]);
    assert.equal(await wanted(), replicas.max);
    noneFailed(crowd as Load);
  });

  it("takes pods away again once there is little to do, without losing a request", async () => {
    await crowd?.stop();
    noneFailed(crowd as Load);
    await scaledTo(replicas.min, 150);
    noneFailed(visitors);
  });
});
