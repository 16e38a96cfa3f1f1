import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { identify } from "../../sandbox/process-identity.ts";
import {
  areSettled,
  holderOf,
  orphansOf,
  type PendingOperation,
  restoreCheckpoint,
} from "../../sandbox/stack-recovery.ts";

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

  it("forgets what the next one finds again: objects, images, and all that existed before", () => {
    const findable = [
      pending("creating", "kubernetes:core/v1:Service", autonamed),
      pending("creating", "docker-build:index:Image", {}),
      pending("updating", "aws:eks/cluster:Cluster", {}),
    ];
    assert.equal(areSettled(findable), true);
  });

  it("remembers what may exist in a cloud and is known from its record alone", () => {
    const cluster = pending("creating", "aws:eks/cluster:Cluster", {});
    assert.equal(areSettled([pending("creating", "docker-build:index:Image", {}), cluster]), false);
  });

  it("has nothing to forget where nothing was pending", () => {
    assert.equal(areSettled([]), false);
  });
});

describe("A lock on a stack", () => {
  it("is held by the process that had the number when it was taken", () => {
    const timestamp = new Date().toISOString();
    assert.deepEqual(holderOf({ pid: process.pid, timestamp }), identify(process.pid));
    assert.equal(holderOf({ pid: 2 ** 22 + 1, timestamp }), undefined);
  });

  it("is not held by who got the number later, as after a reboot: nobody waits for that one", () => {
    assert.equal(holderOf({ pid: process.pid, timestamp: "2024-05-01T12:00:00.000000001Z" }), undefined);
  });
});

describe("A state that a killed pulumi was writing", () => {
  const whole = (serial: number) => JSON.stringify({ version: 3, checkpoint: { serial } });
  let folder = "";
  let path = "";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "slipway-state-"));
    path = join(folder, "dev.json");
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it("is replaced by the one before, wherever it was cut off", () => {
    for (const length of [0, 1, whole(2).length - 1]) {
      writeFileSync(path, whole(2).slice(0, length));
      writeFileSync(`${path}.bak`, whole(1));
      assert.equal(restoreCheckpoint(path), true);
      assert.equal(readFileSync(path, "utf8"), whole(1));
    }
  });

  it("stays as it is where it is whole, or where there is none", () => {
    writeFileSync(`${path}.bak`, whole(1));
    assert.equal(restoreCheckpoint(path), false);
    assert.equal(existsSync(path), false);
    writeFileSync(path, whole(2));
    assert.equal(restoreCheckpoint(path), false);
    assert.equal(readFileSync(path, "utf8"), whole(2));
  });

  it("is left for people to look at where the one before is damaged as well", () => {
    writeFileSync(path, whole(2).slice(0, 9));
    for (const damaged of [undefined, "", "{}"]) {
      if (damaged !== undefined) writeFileSync(`${path}.bak`, damaged);
      assert.throws(() => restoreCheckpoint(path), /dev\.json is cut off.*dev\.json\.bak.*pulumi stack import/);
      assert.equal(readFileSync(path, "utf8"), whole(2).slice(0, 9));
    }
  });
});
