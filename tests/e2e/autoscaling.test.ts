import assert from "node:assert/strict";
import { ensureAddons } from "../../sandbox/addons.ts";
import { eventually } from "../../sandbox/eventually.ts";
import { Load } from "./load.ts";
import { Noticeboard } from "./noticeboard.ts";
import { Project } from "./project.ts";
import { stopwatch } from "./stopwatch.ts";

const board = new Noticeboard(30085);
const { url } = board;
const replicas = { min: 1, max: 3 };

describe("An autoscaler under measured load, end to end", () => {
  const project = new Project("autoscaling");
  /** A few requests a second throughout: each step may fail one. */
  let visitors: Load;
  let crowd: Load | undefined;

  const field = async (kind: string, path: string) => Number(await project.field(kind, `.items[0].${path}`));
  const wanted = () => field("deployments", "spec.replicas");
  const ready = () => field("deployments", "status.readyReplicas");

  /** Waits until this number of pods is wanted and ready. */
  const scaledTo = async (count: number, seconds: number) => {
    const passed = stopwatch();
    await eventually(async () => assert.deepEqual([await wanted(), await ready()], [count, count]), seconds);
    console.log(`      scaled to ${count} after ${passed().toFixed(0)} s`);
  };

  before(async function () {
    // The first time, metrics-server is compiled.
    this.timeout(900_000);
    await ensureAddons([{ "slipway:web": { replicas } }]);
    // 70 % of this is less than the crowd uses of one pod, and more than the visitors use.
    await project.deploy({ nodePort: 30085, replicas, resources: { cpu: "100m" } });
    await board.ready();
    visitors = new Load(url, 4);
  });

  after(async () => {
    await Promise.all([visitors?.stop(), crowd?.stop()]);
    await project.remove();
  });

  it("measures CPU, and keeps one pod while the load is low", async () => {
    const utilization = "status.currentMetrics[0].resource.current.averageUtilization";
    const percent = await eventually(async () => {
      const measured = await field("horizontalpodautoscalers", utilization);
      assert.ok(measured > 0);
      return measured;
    }, 90);
    assert.ok(percent < 70, `${percent} %`);
    assert.equal(await wanted(), replicas.min);
  });

  it("adds pods while the load is high", async () => {
    crowd = new Load(url, 120);
    await scaledTo(replicas.max, 120);
  });

  it("keeps its number of pods during an `up`, which fails no request", async () => {
    const numbers = new Set<number>();
    const watching = setInterval(() => wanted().then((number) => numbers.add(number)), 500);
    try {
      project.set("web.environment", { APP_ENVIRONMENT: "crowded" });
      await project.up();
    } finally {
      clearInterval(watching);
    }
    await eventually(() => project.noneStopping());
    assert.match(await (await fetch(url)).text(), /<title>Noticeboard \(crowded\)/);
    assert.deepEqual([...numbers], [replicas.max]);
    assert.equal(await wanted(), replicas.max);
    (crowd as Load).assertNoneFailed("crowd");
  });

  it("removes pods once the load is low again, without losing a request", async () => {
    await crowd?.stop();
    (crowd as Load).assertNoneFailed("crowd");
    await scaledTo(replicas.min, 150);
    visitors.assertNoneFailed("visitors");
  });
});
