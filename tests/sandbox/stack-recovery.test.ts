import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { identify } from "../../sandbox/process-identity.ts";
import {
  areSettled,
  holderOf,
  orphansOf,
  type PendingOperation,
  restoreCheckpoint,
} from "../../sandbox/stack-recovery.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

function pending(type: string, resourceType: string, metadata: object): PendingOperation {
  return { type, resource: { type: resourceType, inputs: { apiVersion: "v1", kind: "Service", metadata, spec: {} } } };
}

const autonamed = { name: "web-1a2b3c4d", namespace: "app", annotations: { "pulumi.com/autonamed": "true" } };

describe("Recovery from a killed pulumi", () => {
  it("deletes an object of the cluster that it had begun to create under a generated name", () => {
    assert.deepEqual(orphansOf([pending("creating", "kubernetes:core/v1:Service", autonamed)]), [
      { apiVersion: "v1", kind: "Service", metadata: { name: "web-1a2b3c4d", namespace: "app" } },
    ]);
  });

  it("deletes nothing that has a fixed name, such as a claim, existed before, or is not in the cluster", () => {
    const claim = { name: "database-data", namespace: "app" };
    const others = [
      pending("creating", "kubernetes:core/v1:PersistentVolumeClaim", claim),
      pending("creating", "docker-build:index:Image", autonamed),
      ...["updating", "deleting", "reading", "importing"].map((type) =>
        pending(type, "kubernetes:core/v1:Service", autonamed),
      ),
    ];
    assert.deepEqual(orphansOf(others), []);
  });

  it("drops operations whose results the next update finds: objects, images, and resources that existed before", () => {
    const findable = [
      pending("creating", "kubernetes:core/v1:Service", autonamed),
      pending("creating", "docker-build:index:Image", {}),
      pending("updating", "aws:eks/cluster:Cluster", {}),
    ];
    assert.equal(areSettled(findable), true);
  });

  it("keeps the creation of a cloud resource, which nothing else may know", () => {
    const cluster = pending("creating", "aws:eks/cluster:Cluster", {});
    assert.equal(areSettled([pending("creating", "docker-build:index:Image", {}), cluster]), false);
  });

  it("drops nothing if nothing was pending", () => {
    assert.equal(areSettled([]), false);
  });
});

describe("A lock on a stack", () => {
  it("is held by the process that had its pid when it was taken", () => {
    const timestamp = new Date().toISOString();
    assert.deepEqual(holderOf({ pid: process.pid, timestamp }), identify(process.pid));
    assert.equal(holderOf({ pid: 2 ** 22 + 1, timestamp }), undefined);
  });

  it("is not held by a process that got the pid later, for example after a reboot", () => {
    assert.equal(holderOf({ pid: process.pid, timestamp: "2024-05-01T12:00:00.000000001Z" }), undefined);
  });
});

describe("A state that a killed pulumi was writing", () => {
  const whole = (serial: number) => JSON.stringify({ version: 3, checkpoint: { serial } });
  const folder = new TemporaryFolder();
  let path = "";
  beforeEach(() => {
    path = folder.path("dev.json");
  });

  it("is replaced by its backup, wherever it was truncated", () => {
    for (const length of [0, 1, whole(2).length - 1]) {
      writeFileSync(path, whole(2).slice(0, length));
      writeFileSync(`${path}.bak`, whole(1));
      assert.equal(restoreCheckpoint(path), true);
      assert.equal(readFileSync(path, "utf8"), whole(1));
    }
  });

  it("is not changed if it is complete or absent", () => {
    writeFileSync(`${path}.bak`, whole(1));
    assert.equal(restoreCheckpoint(path), false);
    assert.equal(existsSync(path), false);
    writeFileSync(path, whole(2));
    assert.equal(restoreCheckpoint(path), false);
    assert.equal(readFileSync(path, "utf8"), whole(2));
  });

  it("is not changed if its backup is damaged too, which is an error", () => {
    writeFileSync(path, whole(2).slice(0, 9));
    for (const damaged of [undefined, "", "{}"]) {
      if (damaged !== undefined) writeFileSync(`${path}.bak`, damaged);
      assert.throws(() => restoreCheckpoint(path), /dev\.json is truncated.*dev\.json\.bak.*pulumi stack import/);
      assert.equal(readFileSync(path, "utf8"), whole(2).slice(0, 9));
    }
  });
});
