import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { controlPlane } from "../../sandbox/control-plane.ts";
import { imageServices, nodeServices } from "../../sandbox/node-services.ts";
import { ports } from "../../sandbox/paths.ts";
import { type Service, startServices } from "../../sandbox/services.ts";
import { OtherCheckout } from "./other-checkout.ts";

function service(name: string, ...after: string[]): Service {
  return { name, after, argv: ["true"], ready: async () => {} };
}

describe("Starting services", () => {
  it("waits for those that one needs, starts the others beside it, and each once", async () => {
    const events: string[] = [];
    const start = async ({ name }: Service) => {
      events.push(`${name} begins`);
      await new Promise((resume) => setTimeout(resume, 5));
      events.push(`${name} is ready`);
    };
    await startServices(
      [service("kubelet", "api", "runtime"), service("api", "store"), service("runtime"), service("store")],
      start,
    );
    assert.equal(events.length, 8);
    assert.ok(events.indexOf("runtime begins") < events.indexOf("store is ready"), "side by side");
    assert.ok(events.indexOf("store is ready") < events.indexOf("api begins"));
    assert.deepEqual(events.slice(-2), ["kubelet begins", "kubelet is ready"]);
  });

  it("does not start what needs a service that failed", async () => {
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
  after(() => checkout.remove());

  function write(path: string, text: string): string {
    const file = checkout.path(".sandbox", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  it("is outdated once its program, configuration or authority is another one, and not otherwise", async () => {
    const files = ["bin/kubelet", "etc/kubelet.yaml", "certificates/ca.crt"];
    for (const file of files) write(file, "one");
    const { fingerprintOf } = await checkout.module("services.ts");
    const kubelet = { argv: ["kubelet"], configuration: [checkout.path(".sandbox", "etc", "kubelet.yaml")] };
    const seen = [fingerprintOf(kubelet)];
    assert.equal(fingerprintOf(kubelet), seen[0]);
    for (const file of files) {
      write(file, "another");
      assert.ok(!seen.includes(fingerprintOf(kubelet)), file);
      seen.push(fingerprintOf(kubelet));
    }
  });
});

describe("The sandbox's services", () => {
  const all = [...controlPlane(), ...imageServices(), ...nodeServices()];

  it("have names of their own and wait only for one another", () => {
    const names = all.map((each) => each.name);
    assert.equal(new Set(names).size, names.length);
    for (const each of all)
      for (const other of each.after) assert.ok(names.includes(other), `${each.name} after ${other}`);
  });

  it("have ports of their own", () => {
    assert.equal(new Set(Object.values(ports)).size, Object.values(ports).length);
  });

  it("let nobody in without a certificate or token on the port that others can reach", () => {
    const api = all.find((each) => each.name === "kube-apiserver");
    assert.ok(api?.argv.includes("--anonymous-auth=false"));
    const reachable = all.filter((each) => each.argv.some((argument) => argument.includes("0.0.0.0")));
    assert.deepEqual(
      reachable.map((each) => each.name),
      ["kube-apiserver"],
    );
  });
});
