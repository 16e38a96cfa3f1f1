import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { attempt, run } from "../../sandbox/command.ts";
import { environment, ports } from "../../sandbox/paths.ts";

const namespace = "slipway-packet-rules";
const chain = "slipway-packet-rules";
const rounds = 40;

const kubectl = (args: string, input?: string) => run(["kubectl", ...args.split(" ")], { env: environment(), input });
const iptables = (args: string) => attempt(["iptables", "-w", "5", ...args.split(" ")]);
const policy = {
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name: "any", namespace },
  spec: { podSelector: {}, policyTypes: ["Ingress"] },
};

/** Number of times that kube-router has written its rules. */
async function timesWritten(): Promise<number> {
  const metrics = await (await fetch(`http://127.0.0.1:${ports.policyMetrics}/metrics`)).text();
  return Number(/^kube_router_controller_iptables_sync_time_count (\d+)/m.exec(metrics)?.[1]);
}

describe("Packet rules of other programs", () => {
  const remove = async () => {
    await kubectl(`delete namespace ${namespace} --ignore-not-found`);
    await iptables(`-F ${chain}`);
    await iptables(`-X ${chain}`);
  };

  before(async () => {
    await remove();
    await kubectl(`create namespace ${namespace}`);
    await kubectl("create --filename=-", JSON.stringify(policy));
    assert.equal((await iptables(`-N ${chain}`)).code, 0);
  });

  after(remove);

  it("stay as they are while the rules of policies are written to the same table", async () => {
    const before = await timesWritten();
    let isDone = false;
    const changing = (async () => {
      for (let change = 0; !isDone; change++)
        await kubectl(`label networkpolicy any --namespace=${namespace} --overwrite change=${change}`);
    })();
    const lost: number[] = [];
    for (let round = 1; round <= rounds; round++) {
      const rule = `${chain} --destination 203.0.113.${round} --jump RETURN`;
      const added = await iptables(`-A ${rule}`);
      await sleep(200);
      if (added.code !== 0 || (await iptables(`-C ${rule}`)).code !== 0) lost.push(round);
    }
    isDone = true;
    await changing;
    assert.ok((await timesWritten()) - before > rounds / 2, "the rules of policies were written too seldom");
    assert.deepEqual(lost, []);
  });
});
