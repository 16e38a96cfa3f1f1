import assert from "node:assert/strict";
import type { Properties } from "../../sandbox/plugins/properties.ts";
import { containsSecret, plain } from "../../sandbox/plugins/properties.ts";
import { type ApiServer, eventually, startApiServer } from "../sandbox/plugins/api-server.ts";
import { EngineDouble, InitFailure, type Kept } from "../sandbox/plugins/engine-double.ts";

const main = "sandbox/plugins/kubernetes/main.ts";
const urn = (type: string, name = "thing") => `urn:pulumi:dev::shop::kubernetes:${type}::${name}`;
const urns = {
  configMap: urn("core/v1:ConfigMap"),
  secret: urn("core/v1:Secret"),
  claim: urn("core/v1:PersistentVolumeClaim"),
  deployment: urn("apps/v1:Deployment", "web"),
  service: urn("core/v1:Service"),
  namespace: urn("core/v1:Namespace"),
  job: urn("batch/v1:Job"),
  policy: urn("networking.k8s.io/v1:NetworkPolicy"),
};

describe("The stand-in for the kubernetes plugin", function () {
  this.timeout(120_000);
  let server: ApiServer;
  let engine: EngineDouble;
  before(async () => {
    server = await startApiServer();
    engine = await EngineDouble.start(main, { kubeconfig: server.kubeconfig, context: "test" });
  });
  after(async () => {
    engine?.stop();
    await server?.stop();
  });

  const live = (kind: string, kept: Kept) => JSON.parse(server.kubectl("get", kind, nameOf(kept), "-o", "json"));
  const deployment = (more: Properties = {}, annotations: Properties = {}) => ({
    metadata: { annotations },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: "web" } },
      template: {
        metadata: { labels: { app: "web" }, annotations: { rev: "1" } },
        spec: { containers: [{ name: "web", image: "shop:1", resources: { limits: { cpu: 0.5 } } }] },
      },
      ...more,
    },
  });
  const claim = (storage: string, more: Properties = {}) => ({
    metadata: { name: "data", annotations: { "pulumi.com/skipAwait": "true" } },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage } }, ...more },
  });

  it("creates, sees no change, updates in place and deletes", async () => {
    const kept = await engine.create(urns.deployment, deployment());
    assert.match(kept.id, /^default\/web-[0-9a-f]{8}$/);
    assert.match(String(kept.state.__fieldManager), /^pulumi-kubernetes-[0-9a-f]{8}$/);
    assert.deepEqual((await engine.diff(urns.deployment, kept, deployment())).changes, {});
    const changed = deployment({ revisionHistoryLimit: 3 });
    assert.deepEqual((await engine.diff(urns.deployment, kept, changed)).changes, {
      "spec.revisionHistoryLimit": "add",
    });
    const updated = await engine.update(urns.deployment, kept, changed);
    assert.equal(live("deployment", updated).spec.revisionHistoryLimit, 3);
    await engine.delete(urns.deployment, updated);
    assert.throws(() => live("deployment", updated), /NotFound/);
    await engine.delete(urns.deployment, updated);
  });

  it("previews a creation without making anything, with the server's defaults in the outputs", async () => {
    const preview = await engine.create(urns.deployment, deployment(), { preview: true });
    assert.equal(preview.id, "");
    assert.equal((plain(preview.state) as { spec: Properties }).spec.progressDeadlineSeconds, 600);
    assert.equal("status" in preview.state, false);
    assert.equal(server.kubectl("get", "deployments", "-o", "name"), "");
  });

  it("falls back to the inputs where the namespace is only made by the same update", async () => {
    const program = { metadata: { namespace: "not-yet" }, data: { a: "1" } };
    const preview = await engine.create(urns.configMap, program, { preview: true });
    assert.deepEqual(preview.state, preview.inputs);
  });

  it("fails a preview with what the server would refuse", async () => {
    const invalid = deployment({ replicas: -1 });
    await assert.rejects(engine.create(urns.deployment, invalid, { preview: true }), /spec.replicas.*must be greater/s);
  });

  it("shrinks no claim: the preview fails with the server's own message", async () => {
    const kept = await engine.create(urns.claim, claim("2Gi"));
    assert.deepEqual((await engine.diff(urns.claim, kept, claim("2048Mi"))).changes, {});
    const plan = await engine.diff(urns.claim, kept, claim("1Gi"));
    assert.deepEqual(plan.changes, { "spec.resources.requests.storage": "update" });
    await assert.rejects(
      engine.update(urns.claim, kept, claim("1Gi"), { preview: true }),
      /spec: Forbidden|can not be less/,
    );
    const moved = await engine.diff(urns.claim, kept, claim("2Gi", { accessModes: ["ReadWriteMany"] }));
    assert.deepEqual(moved, { changes: { "spec.accessModes[0]": "update-replace" }, deleteFirst: true });
    const preview = await engine.create(urns.claim, claim("2Gi", { accessModes: ["ReadWriteMany"] }), {
      preview: true,
    });
    assert.equal(nameOf(preview), "data");
    await engine.delete(urns.claim, kept);
  });

  it("replaces what the server alone calls immutable", async () => {
    const service = (ipFamilyPolicy: string, port: number) => ({
      metadata: { name: "fixed" },
      spec: { clusterIP: "10.98.0.77", ports: [{ port }], ipFamilyPolicy },
    });
    const kept = await engine.create(urns.service, service("SingleStack", 80));
    assert.deepEqual((await engine.diff(urns.service, kept, service("SingleStack", 81))).changes, {
      "spec.ports[0].port": "update",
    });
    const job = (completionMode: string) => ({
      metadata: { annotations: { "pulumi.com/skipAwait": "true" } },
      spec: {
        completionMode,
        completions: 1,
        template: { spec: { restartPolicy: "Never", containers: [{ name: "a", image: "a" }] } },
      },
    });
    const made = await engine.create(urns.job, job("NonIndexed"));
    const plan = await engine.diff(urns.job, made, job("Indexed"));
    assert.deepEqual(plan, { changes: { "spec.completionMode": "update-replace" }, deleteFirst: false });
    await engine.delete(urns.job, made);
    await engine.delete(urns.service, kept);
  });

  it("replaces a ConfigMap for its data under a new name, and one with a fixed name after deleting it", async () => {
    const kept = await engine.create(urns.configMap, { data: { a: "1" } });
    const plan = await engine.diff(urns.configMap, kept, { data: { a: "2" } });
    assert.deepEqual(plan, { changes: { "data.a": "update-replace" }, deleteFirst: false });
    const fixed = await engine.create(urns.configMap, { metadata: { name: "fixed" }, data: { a: "1" } });
    assert.equal(
      (await engine.diff(urns.configMap, fixed, { metadata: { name: "fixed" }, data: {} })).deleteFirst,
      true,
    );
    await engine.delete(urns.configMap, kept);
    await engine.delete(urns.configMap, fixed);
  });

  it("keeps secrets secret in state and inputs", async () => {
    const kept = await engine.create(urns.secret, { stringData: { password: "hush" } });
    for (const bag of [kept.state, kept.inputs, kept.state.__inputs as Properties]) {
      assert.ok(containsSecret(bag.data));
      assert.deepEqual(plain(bag.data), { password: "aHVzaA==" });
    }
    const refreshed = await engine.read(urns.secret, kept);
    assert.ok(containsSecret(refreshed?.state.data) && containsSecret(refreshed?.inputs.data));
    assert.deepEqual((await engine.diff(urns.secret, kept, { stringData: { password: "hush" } })).changes, {});
    await engine.delete(urns.secret, kept);
  });

  it("sees nothing new in members that the server drops, before and after a refresh", async () => {
    const program = { spec: { podSelector: {}, policyTypes: ["Ingress"], ingress: [] } };
    const kept = await engine.create(urns.policy, program);
    const refreshed = await engine.read(urns.policy, kept);
    assert.ok(refreshed);
    assert.deepEqual(refreshed.inputs, kept.inputs);
    assert.deepEqual((await engine.diff(urns.policy, refreshed, program)).changes, {});
    await engine.delete(urns.policy, kept);
  });

  it("sees by a refresh what was changed by hand, and takes it back only when told to", async () => {
    const kept = await engine.create(urns.deployment, deployment());
    const byHand = JSON.stringify({ spec: { template: { metadata: { annotations: { rev: "hand" } } } } });
    server.kubectl("patch", "deployment", nameOf(kept), "-p", byHand);
    const refreshed = await engine.read(urns.deployment, kept);
    assert.ok(refreshed);
    const { changes } = await engine.diff(urns.deployment, refreshed, deployment());
    assert.deepEqual(changes, { "spec.template.metadata.annotations.rev": "update" });
    await assert.rejects(
      engine.update(urns.deployment, refreshed, deployment(), { preview: true }),
      /Server-Side Apply field conflict detected.*conflict with "kubectl-patch" using apps\/v1: .spec.template/s,
    );
    const forced = deployment({}, { "pulumi.com/patchForce": "true" });
    const updated = await engine.update(urns.deployment, refreshed, forced);
    assert.equal(live("deployment", updated).spec.template.metadata.annotations.rev, "1");
    await engine.delete(urns.deployment, updated);
  });

  it("keeps an object that does not become ready, with the causes, and updates it next time", async () => {
    const failure = await assertInitFailure(
      engine.create(urns.deployment, deployment({ replicas: 2 }), { timeout: 2 }),
    );
    assert.match(failure.reasons[0] ?? "", /was successfully created, but .* timed out after 2 s/);
    assert.ok(failure.reasons.includes("Minimum number of live Pods was not attained"));
    const refused = await assertInitFailure(engine.read(urns.deployment, failure.kept));
    assert.equal(refused.kept.id, failure.kept.id);
    const updated = await engine.update(urns.deployment, failure.kept, deployment());
    assert.equal(live("deployment", updated).spec.replicas, 0);
    await engine.delete(urns.deployment, updated);
  });

  it("says why the pods are not ready", async () => {
    const creation = assertInitFailure(engine.create(urns.deployment, deployment({ replicas: 1 }), { timeout: 6 }));
    const pod = await eventually(() => {
      const name = server.kubectl("get", "pods", "-o", "name").trim();
      assert.notEqual(name, "");
      return name;
    }, 5000);
    const state = { waiting: { reason: "CrashLoopBackOff", message: "back-off" } };
    const lastState = { terminated: { reason: "OOMKilled", exitCode: 137 } };
    const crashed = { name: "web", image: "shop:1", imageID: "", ready: false, restartCount: 2, state, lastState };
    const patch = JSON.stringify({ status: { containerStatuses: [crashed] } });
    server.kubectl("patch", pod, "--subresource=status", "--type=merge", "-p", patch);
    const { kept, reasons } = await creation;
    assert.match(reasons.at(-1) ?? "", /container "web" \(image shop:1\).*CrashLoopBackOff.*OOMKilled.*exit code 137/);
    await engine.delete(urns.deployment, kept);
  });

  it("fails at once when a Job does", async () => {
    const containers = [{ name: "a", image: "a" }];
    const program = {
      spec: { backoffLimit: 0, activeDeadlineSeconds: 1, template: { spec: { restartPolicy: "Never", containers } } },
    };
    const started = Date.now();
    const { kept, reasons } = await assertInitFailure(engine.create(urns.job, program, { timeout: 60 }));
    assert.match(reasons[1] ?? "", /^\[DeadlineExceeded\]/);
    assert.ok(Date.now() - started < 20_000);
    await engine.delete(urns.job, kept);
  });

  it("waits until a namespace is really gone", async () => {
    const kept = await engine.create(urns.namespace, {});
    await engine.create(urns.configMap, { metadata: { namespace: kept.id }, data: { a: "1" } });
    await engine.delete(urns.namespace, kept);
    assert.throws(() => live("namespace", kept), /NotFound/);
  });

  it("imports an object that somebody else made, and forgets one that is gone", async () => {
    server.kubectl("create", "configmap", "found", "--from-literal=a=b");
    const found = await engine.read(urns.configMap, "default/found");
    assert.deepEqual(found?.inputs, {
      ...{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "found", namespace: "default" }, data: { a: "b" } },
    });
    server.kubectl("delete", "configmap", "found");
    assert.equal(await engine.read(urns.configMap, "default/found"), undefined);
  });

  it("previews from the inputs where the user may make no dry run", async () => {
    const viewer = await EngineDouble.start(main, { kubeconfig: server.kubeconfig, context: "viewer" });
    try {
      const preview = await viewer.create(urns.configMap, { data: { a: "1" } }, { preview: true });
      assert.deepEqual(preview.state, preview.inputs);
      await assert.rejects(viewer.create(urns.configMap, { data: { a: "1" } }), /cannot patch resource "configmaps"/);
    } finally {
      viewer.stop();
    }
  });

  it("ends its waits when the engine cancels", async () => {
    const other = await EngineDouble.start(main, { kubeconfig: server.kubeconfig });
    try {
      const creation = assertInitFailure(other.create(urns.deployment, deployment({ replicas: 1 }), { timeout: 60 }));
      await eventually(() => assert.notEqual(server.kubectl("get", "deployments", "-o", "name"), ""), 5000);
      await other.cancel();
      const { kept, reasons } = await creation;
      assert.match(reasons[0] ?? "", /was cancelled/);
      await engine.delete(urns.deployment, kept);
    } finally {
      other.stop();
    }
  });
});

describe("The stand-in for the kubernetes plugin, without a cluster", () => {
  const nowhere = {
    ...{
      apiVersion: "v1",
      kind: "Config",
      "current-context": "x",
      contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    },
    clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:1" } }],
    users: [{ name: "u", user: {} }],
  };

  it("names the address that does not answer, and compares what is unchanged all the same", async () => {
    const engine = await EngineDouble.start(main, { kubeconfig: JSON.stringify(nowhere) });
    try {
      const message = /configured Kubernetes cluster is unreachable: https:\/\/127.0.0.1:1: .*ECONNREFUSED/;
      await assert.rejects(engine.create(urns.configMap, { data: { a: "1" } }, { preview: true }), message);
      const inputs = await engine.check(urns.configMap, { data: { a: "1" } });
      const kept = { id: "default/a", inputs, state: { ...inputs, __inputs: inputs } };
      assert.deepEqual((await engine.diff(urns.configMap, kept, { data: { a: "1" } })).changes, {});
      await assert.rejects(engine.read(urns.configMap, kept), message);
    } finally {
      engine.stop();
    }
  });
});

async function assertInitFailure(operation: Promise<unknown>): Promise<InitFailure> {
  const failure = await operation.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(failure instanceof InitFailure, `expected an object that is not ready, got ${failure}`);
  return failure;
}

function nameOf(kept: Kept): string {
  return String((plain(kept.state) as { metadata: Properties }).metadata.name);
}
