import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { controlPlane } from "../../sandbox/control-plane.ts";
import { imageServices, nodeServices } from "../../sandbox/node-services.ts";
import { type Service, startServices } from "../../sandbox/services.ts";
import { OtherCheckout } from "./other-checkout.ts";

function service(name: string, ...after: string[]): Service {
  return { name, after, argv: ["true"], ready: async () => {} };
}

describe("Starting services", () => {
  it("starts each once, after its dependencies and in parallel with the others", async () => {
    const events: string[] = [];
    const start = async ({ name }: Service) => {
      events.push(`${name} begins`);
      await sleep(5);
      events.push(`${name} is ready`);
    };
    await startServices(
      [service("kubelet", "api", "runtime"), service("api", "store"), service("runtime"), service("store")],
      start,
    );
    assert.equal(events.length, 8);
    assert.ok(events.indexOf("runtime begins") < events.indexOf("store is ready"), "in parallel");
    assert.ok(events.indexOf("store is ready") < events.indexOf("api begins"));
    assert.deepEqual(events.slice(-2), ["kubelet begins", "kubelet is ready"]);
  });

  it("does not start a service if one of its dependencies failed", async () => {
    const started: string[] = [];
    const start = async ({ name }: Service) => {
      if (name === "store") throw new Error("no disk");
      started.push(name);
    };
    await assert.rejects(startServices([service("api", "store"), service("store")], start), /no disk/);
    assert.deepEqual(started, []);
  });
});

describe("A running service", () => {
  const checkout = new OtherCheckout();

  it("is outdated only if its program, configuration or authority has changed", async () => {
    const files = ["bin/kubelet", "etc/kubelet.yaml", "certificates/ca.crt"];
    for (const file of files) checkout.write(`.sandbox/${file}`, "one");
    const { fingerprintOf } = await checkout.module("services.ts");
    const kubelet = { argv: ["kubelet"], configuration: [checkout.path(".sandbox", "etc", "kubelet.yaml")] };
    const seen = [fingerprintOf(kubelet)];
    assert.equal(fingerprintOf(kubelet), seen[0]);
    for (const file of files) {
      checkout.write(`.sandbox/${file}`, "another");
      assert.ok(!seen.includes(fingerprintOf(kubelet)), file);
      seen.push(fingerprintOf(kubelet));
    }
  });
});

describe("The sandbox's services", () => {
  const all = [...controlPlane(), ...imageServices(), ...nodeServices()];

  it("require a certificate or token on the only port that other machines can reach", () => {
    const api = all.find((each) => each.name === "kube-apiserver");
    assert.ok(api?.argv.includes("--anonymous-auth=false"));
    const reachable = all.filter((each) => each.argv.some((argument) => argument.includes("0.0.0.0")));
    assert.deepEqual(
      reachable.map((each) => each.name),
      ["kube-apiserver"],
    );
  });
});
