import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { Database, type DatabaseArgs, memorySettings } from "../../components/database.ts";
import { deploy, only, resolved } from "../deploy.ts";

const args: DatabaseArgs = {
  namespace: "shop",
  image: "postgres:17",
  password: pulumi.secret("correct-horse"),
  storage: "5Gi",
  resources: { cpu: "100m", cpuLimit: "1", memory: "256Mi" },
};

const deployed = (overrides: Partial<DatabaseArgs> = {}) =>
  deploy(() => new Database("database", { ...args, ...overrides }));
const statefulSet = "kubernetes:apps/v1:StatefulSet";
const claim = "kubernetes:core/v1:PersistentVolumeClaim";

describe("Database", () => {
  it("keeps its data on one claim with a fixed name", async () => {
    const { resources } = await deployed();
    assert.deepEqual(only(resources, claim).inputs.metadata.name, "database-data");
    assert.deepEqual(only(resources, claim).inputs.spec, {
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: "5Gi" } },
    });
    const { spec } = only(resources, statefulSet).inputs;
    assert.equal(spec.volumeClaimTemplates, undefined);
    assert.equal(spec.replicas, 1);
    assert.deepEqual(
      spec.template.spec.volumes.find((volume: { name: string }) => volume.name === "data"),
      { name: "data", persistentVolumeClaim: { claimName: "database-data" } },
    );
  });

  it("asks for a storage class only where one is set", async () => {
    const { resources } = await deployed({ storageClass: "fast" });
    assert.equal(only(resources, claim).inputs.spec.storageClassName, "fast");
  });

  it("protects and retains claim and credentials where the environment says so, and nothing else", async () => {
    const kept = (await deployed({ protect: true })).resources.filter((resource) => resource.protect);
    assert.deepEqual(kept.map(({ name }) => name).sort(), ["database-credentials", "database-data"]);
    assert.ok(kept.every((resource) => resource.retainOnDelete));
    assert.ok((await deployed()).resources.every((resource) => !resource.protect && !resource.retainOnDelete));
  });

  it("hands the password over in a file, never in a plain value", async () => {
    const { resources } = await deployed();
    assert.ok(!JSON.stringify(only(resources, statefulSet).inputs).includes("correct-horse"));
    assert.deepEqual(only(resources, "kubernetes:core/v1:Secret").inputs.stringData.value, {
      password: "correct-horse",
    });
  });

  it("runs as the image's user, with nothing that a restricted pod may not have", async () => {
    const { resources } = await deployed();
    const pod = only(resources, statefulSet).inputs.spec.template.spec;
    assert.equal(pod.automountServiceAccountToken, false);
    assert.deepEqual(pod.securityContext, {
      runAsNonRoot: true,
      runAsUser: 999,
      runAsGroup: 999,
      fsGroup: 999,
      fsGroupChangePolicy: "OnRootMismatch",
      seccompProfile: { type: "RuntimeDefault" },
    });
    assert.deepEqual(pod.containers[0].securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
  });

  it("lets in its clients only, and nothing out", async () => {
    const { resources, result } = await deployed();
    assert.deepEqual(only(resources, "kubernetes:networking.k8s.io/v1:NetworkPolicy").inputs.spec, {
      podSelector: { matchLabels: { "app.kubernetes.io/name": "database", "app.kubernetes.io/component": "database" } },
      policyTypes: ["Ingress", "Egress"],
      ingress: [
        {
          from: [{ podSelector: { matchLabels: result.connection.clientLabels } }],
          ports: [{ protocol: "TCP", port: 5432 }],
        },
      ],
    });
  });

  it("tells its clients where it is and where the password lies", async () => {
    const { result } = await deployed({ name: "orders" });
    const { host, secret, ...rest } = result.connection;
    assert.equal(await resolved(host), "database");
    assert.equal(await resolved(secret), "database-credentials-0a1b2c3d");
    assert.deepEqual(rest, { port: 5432, name: "orders", clientLabels: { "slipway/database-client": "true" } });
  });

  it("fits the server's buffers to the container's memory", () => {
    assert.deepEqual(memorySettings("256Mi"), ["-c", "shared_buffers=64MB", "-c", "effective_cache_size=128MB"]);
    assert.deepEqual(memorySettings("2Gi"), ["-c", "shared_buffers=512MB", "-c", "effective_cache_size=1024MB"]);
    assert.deepEqual(memorySettings("1G"), ["-c", "shared_buffers=238MB", "-c", "effective_cache_size=476MB"]);
  });
});
