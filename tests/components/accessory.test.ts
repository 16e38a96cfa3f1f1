import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { Accessory, type AccessoryArgs } from "../../components/accessory.ts";
import { deploy, only, resolved } from "../deploy.ts";
import { assertRestricted } from "./shop.ts";

const args: AccessoryArgs = {
  namespace: "shop",
  image: "valkey/valkey:8.1",
  port: 6379,
  probe: { startSeconds: 60 },
  user: 999,
  resources: { cpu: "50m", cpuLimit: "1", memory: "128Mi" },
  waitForRollout: ({ metadata }) => metadata.name,
};
const deployed = (overrides: Partial<AccessoryArgs> = {}) =>
  deploy(() => new Accessory("cache", { ...args, ...overrides }));
const statefulSet = "kubernetes:apps/v1:StatefulSet";
const claim = "kubernetes:core/v1:PersistentVolumeClaim";
const policy = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
const labels = { "app.kubernetes.io/name": "cache", "app.kubernetes.io/component": "accessory" };
const specOf = async (overrides?: Partial<AccessoryArgs>) =>
  only((await deployed(overrides)).resources, statefulSet).inputs.spec;
const containerOf = async (overrides?: Partial<AccessoryArgs>) => (await specOf(overrides)).template.spec.containers[0];

describe("Accessory", () => {
  it("runs one pod, which a corrected one may replace, over claims that the preview shows", async () => {
    const { replicas, podManagementPolicy, serviceName, volumeClaimTemplates } = await specOf();
    assert.deepEqual([replicas, podManagementPolicy, serviceName], [1, "Parallel", "cache"]);
    assert.equal(volumeClaimTemplates, undefined);
  });

  it("is reached by its name", async () => {
    const { resources, result } = await deployed();
    const { metadata, spec } = only(resources, "kubernetes:core/v1:Service").inputs;
    assert.equal(metadata.name, "cache");
    assert.deepEqual(spec, { selector: labels, ports: [{ name: "accessory", port: 6379, targetPort: "accessory" }] });
    assert.equal(await resolved(result.host), "cache");
    assert.deepEqual((await containerOf()).ports, [{ name: "accessory", containerPort: 6379 }]);
  });

  it("is reached only by its clients in its namespace, and reaches nothing", async () => {
    const { resources } = await deployed();
    const client = { podSelector: { matchLabels: { "slipway/accessory-client": "true" } } };
    const ports = [{ protocol: "TCP", port: 6379 }];
    assert.deepEqual(only(resources, policy, "cache").inputs.spec, {
      podSelector: { matchLabels: labels },
      policyTypes: ["Ingress", "Egress"],
      ingress: [{ from: [client], ports }],
    });
    const { spec } = only(resources, policy, "cache-access").inputs;
    assert.deepEqual([spec.podSelector, spec.policyTypes], [client.podSelector, ["Egress"]]);
    assert.deepEqual(spec.egress[0], { to: [{ podSelector: { matchLabels: labels } }], ports });
    assert.equal(spec.egress[1].ports[0].port, 53);
  });

  it("is a restricted pod with limits, and writes to /tmp and its volumes only", async () => {
    const { template } = await specOf({ volumes: { "/data": { storage: "1Gi" }, "/run": { size: "8Mi" } } });
    assertRestricted(template.spec, 999, ["tmp", "files-data", "files-run"]);
    assert.equal(template.spec.serviceAccountName, "cache-0a1b2c3d");
    assert.deepEqual(template.spec.volumes, [
      { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
      { name: "files-data", persistentVolumeClaim: { claimName: "cache-data" } },
      { name: "files-run", emptyDir: { sizeLimit: "8Mi" } },
    ]);
    assert.deepEqual(template.spec.containers[0].resources, {
      requests: { cpu: "50m", memory: "128Mi" },
      limits: { cpu: "1", memory: "128Mi" },
    });
  });

  it("keeps its volumes on claims with fixed names, protected if the environment is", async () => {
    const volumes = { "/data": { storage: "1Gi", storageClass: "fast", protect: true } };
    const { resources } = await deployed({ volumes });
    const { inputs, protect, retainOnDelete } = only(resources, claim, "cache-data");
    assert.equal(inputs.metadata.name, "cache-data");
    assert.deepEqual(inputs.spec, {
      accessModes: ["ReadWriteOnce"],
      storageClassName: "fast",
      resources: { requests: { storage: "1Gi" } },
    });
    assert.deepEqual([protect, retainOnDelete], [true, true]);
    assert.ok(!(await deployed()).resources.some(({ type }) => type === claim));
  });

  it("checks a connection by default, or a path, or a command", async () => {
    const handlers = async (probe: object) => {
      const container = await containerOf({ probe: { startSeconds: 90, ...probe } });
      assert.equal(container.startupProbe.failureThreshold * container.startupProbe.periodSeconds, 90);
      return [container.startupProbe, container.readinessProbe, container.livenessProbe].map(
        ({ tcpSocket, httpGet, exec }) => tcpSocket ?? httpGet ?? exec,
      );
    };
    const times = <T>(value: T) => [value, value, value];
    assert.deepEqual(await handlers({}), times({ port: "accessory" }));
    assert.deepEqual(await handlers({ path: "/health" }), times({ path: "/health", port: "accessory" }));
    assert.deepEqual(await handlers({ command: ["valkey-cli", "ping"] }), times({ command: ["valkey-cli", "ping"] }));
  });

  it("passes its command, variables and secrets, and creates no Secret without secrets", async () => {
    const { resources } = await deployed({
      command: ["valkey-server", "--maxmemory", "64mb"],
      environment: { TZ: "Europe/Berlin" },
      secrets: { PASSWORD: pulumi.secret("s3cret") },
    });
    const [container] = only(resources, statefulSet).inputs.spec.template.spec.containers;
    assert.deepEqual(container.command, ["valkey-server", "--maxmemory", "64mb"]);
    assert.deepEqual(container.env, [{ name: "TZ", value: "Europe/Berlin" }]);
    assert.deepEqual(container.envFrom, [{ secretRef: { name: "cache-secrets-0a1b2c3d" } }]);
    const secret = only(resources, "kubernetes:core/v1:Secret");
    assert.ok(!JSON.stringify(resources.filter((each) => each !== secret)).includes("s3cret"));
    assert.ok(!(await deployed()).resources.some(({ type }) => type === "kubernetes:core/v1:Secret"));
  });

  it("is ready once the API server reports its rollout complete, within its start and two minutes more", async () => {
    let seconds = 0;
    const waitForRollout: AccessoryArgs["waitForRollout"] = (_, __, { deadlineSeconds }) => {
      seconds = deadlineSeconds;
      return pulumi.output("rolled out");
    };
    const { resources, result } = await deployed({ waitForRollout });
    assert.equal(await resolved(result.ready), "rolled out");
    assert.equal(seconds, 60 + 30 + 120);
    assert.equal(only(resources, statefulSet).inputs.metadata.annotations["pulumi.com/skipAwait"], "true");
  });
});
