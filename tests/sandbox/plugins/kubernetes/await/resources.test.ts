import assert from "node:assert/strict";
import { judgeClaim, judgeIngress, judgeService } from "../../../../../sandbox/plugins/kubernetes/await/resources.ts";
import type { KubernetesObject } from "../../../../../sandbox/plugins/kubernetes/object.ts";

function object(kind: string, spec: object, status: object = {}): KubernetesObject {
  return { apiVersion: "v1", kind, metadata: { name: "web", namespace: "shop" }, spec, status };
}

describe("A claim", () => {
  it("is ready when bound", () => {
    assert.equal(judgeClaim(object("PersistentVolumeClaim", {}, { phase: "Bound" }), false).state, "ready");
  });

  it("is not waited for when its class binds it with its first pod", () => {
    assert.equal(judgeClaim(object("PersistentVolumeClaim", {}, { phase: "Pending" }), true).state, "ready");
  });

  it("names its class while it waits", () => {
    const verdict = judgeClaim(
      object("PersistentVolumeClaim", { storageClassName: "fast" }, { phase: "Pending" }),
      false,
    );
    assert.ok(verdict.state === "waiting");
    assert.deepEqual(verdict.causes, ["PersistentVolumeClaim is Pending, not Bound; its StorageClass is fast"]);
  });
});

describe("A Service", () => {
  const slice = (ready: boolean) => ({ ...object("EndpointSlice", {}), endpoints: [{ conditions: { ready } }] });
  const selecting = object("Service", { selector: { app: "web" }, clusterIP: "10.0.0.1" });

  it("is ready when one of its pods is", () => {
    assert.equal(judgeService(selecting, [slice(false), slice(true)]).state, "ready");
    assert.equal(judgeService(selecting, [slice(false)]).state, "waiting");
    assert.equal(judgeService(selecting, []).state, "waiting");
  });

  it("is not waited for when it is headless, has no selector or is a name elsewhere", () => {
    for (const spec of [
      { selector: { app: "web" }, clusterIP: "None" },
      { clusterIP: "10.0.0.1" },
      { selector: { app: "web" }, type: "ExternalName" },
    ]) {
      assert.equal(judgeService(object("Service", spec), []).state, "ready");
    }
  });

  it("waits for the address of its load balancer", () => {
    const spec = { type: "LoadBalancer" };
    const address = { loadBalancer: { ingress: [{ ip: "1.2.3.4" }] } };
    assert.equal(judgeService(object("Service", spec), []).state, "waiting");
    assert.equal(judgeService(object("Service", spec, address), []).state, "ready");
  });
});

describe("An Ingress", () => {
  it("is ready when its controller has published an address", () => {
    assert.equal(judgeIngress(object("Ingress", {}, { loadBalancer: {} })).state, "waiting");
    assert.equal(
      judgeIngress(object("Ingress", {}, { loadBalancer: { ingress: [{ hostname: "a" }] } })).state,
      "ready",
    );
  });
});
