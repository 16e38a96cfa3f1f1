import assert from "node:assert/strict";
import { orphansOf, type PendingOperation } from "../../sandbox/stack-recovery.ts";

function pending(type: string, resourceType: string, metadata: object): PendingOperation {
  return { type, resource: { type: resourceType, inputs: { apiVersion: "v1", kind: "Service", metadata, spec: {} } } };
}

const autonamed = { name: "web-1a2b3c4d", namespace: "app", annotations: { "pulumi.com/autonamed": "true" } };

describe("Recovery from a killed pulumi", () => {
  it("finds what it had begun to create under a made-up name", () => {
    assert.deepEqual(orphansOf([pending("creating", "kubernetes:core/v1:Service", autonamed)]), [
      { apiVersion: "v1", kind: "Service", metadata: { name: "web-1a2b3c4d", namespace: "app" } },
    ]);
  });

  it("leaves alone what has a name of its own, a claim above all", () => {
    const claim = { name: "database-data", namespace: "app" };
    assert.deepEqual(orphansOf([pending("creating", "kubernetes:core/v1:PersistentVolumeClaim", claim)]), []);
  });

  it("leaves alone what existed before: updates, deletions and reads", () => {
    for (const type of ["updating", "deleting", "reading", "importing"]) {
      assert.deepEqual(orphansOf([pending(type, "kubernetes:core/v1:Service", autonamed)]), []);
    }
  });

  it("leaves alone what is not in the cluster", () => {
    assert.deepEqual(orphansOf([pending("creating", "docker-build:index:Image", autonamed)]), []);
  });
});
