import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mock } from "node:test";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Database } from "../../components/database.ts";
import { WebApp } from "../../components/web.ts";
import { failureReport } from "../../diagnosis/failure-report.ts";
import { ApiServer } from "../api-server.ts";
import { webArgs } from "../components/shop.ts";
import { deploy } from "../deploy.ts";

const ownedBy = (uid: string) => [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "owner", uid }];
const revision = (number: string) => ({ "deployment.kubernetes.io/revision": number });
const base64 = (text: string) => Buffer.from(text).toString("base64");
const login = { secretKeyRef: { name: "login", key: "p" } };

const pod = (name: string, owner: string, state: object) => ({
  metadata: { name, uid: `uid-of-${name}`, ownerReferences: ownedBy(owner), creationTimestamp: "2026-01-01T12:00:00Z" },
  spec: {
    containers: [{ name: "web", image: "shop", env: [{ name: "P", valueFrom: login }] }],
    volumes: [{ name: "s", secret: { secretName: "missing" } }],
  },
  status: { phase: "Running", containerStatuses: [{ name: "web", image: "", imageID: "", ...state }] },
});
const crashLooping = {
  ready: false,
  restartCount: 2,
  state: { waiting: { reason: "CrashLoopBackOff" } },
  lastState: { terminated: { exitCode: 3, reason: "Error" } },
};

const core = "/api/v1/namespaces/shop";
const apps = "/apis/apps/v1/namespaces/shop";
const log = `${core}/pods/new-pod/log`;

/** A Deployment, a StatefulSet and a Job whose new pod crashes. */
const objects = (): ApiServer["objects"] => ({
  [`${apps}/deployments/web-1`]: { metadata: { name: "web-1", uid: "deployment", annotations: revision("2") } },
  [`${apps}/replicasets`]: {
    items: [
      {
        metadata: { uid: "old", annotations: revision("1"), ownerReferences: ownedBy("deployment") },
        status: { replicas: 2, availableReplicas: 2 },
      },
      { metadata: { uid: "new", annotations: revision("2"), ownerReferences: ownedBy("deployment") } },
      { metadata: { uid: "another's", ownerReferences: ownedBy("x") }, status: { replicas: 9, availableReplicas: 9 } },
    ],
  },
  [`${apps}/statefulsets/database`]: { metadata: { name: "database", uid: "new" } },
  "/apis/batch/v1/namespaces/shop/jobs/migration-1": {
    metadata: { name: "migration-1", uid: "new" },
    status: { conditions: [{ type: "Failed", status: "True", reason: "BackoffLimitExceeded" }] },
  },
  [`${core}/pods`]: {
    items: [
      pod("old-pod", "old", { ready: true, restartCount: 0, state: { running: {} } }),
      pod("new-pod", "new", crashLooping),
    ],
  },
  [`${core}/events`]: { items: [] },
  [`${core}/secrets/login`]: { data: { p: base64("s3cret-t0ken") } },
  [log]: `connecting as s3cret-t0ken (${base64("s3cret-t0ken")})\nsetting-of-the-stack\nno luck\n`,
});

class Shop extends pulumi.ComponentResource {
  readonly hooks: pulumi.ResourceHookBinding;
  constructor(opts?: pulumi.ComponentResourceOptions) {
    super("test:index:Shop", "shop", {}, opts);
    this.hooks = failureReport(this, "shop");
  }
}

describe("failureReport", () => {
  const api = new ApiServer();
  const folder = mkdtempSync(join(tmpdir(), "slipway-report-"));
  const kubeconfig = join(folder, "kubeconfig");

  before(async () => {
    await api.start();
    api.writeKubeconfig(kubeconfig);
    // Loaded once here, because it takes longer than a test may.
    await import("@kubernetes/client-node");
  });
  after(() => {
    api.stop();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    api.objects = objects();
    api.asked = [];
  });
  afterEach(() => mock.restoreAll());

  /** Runs the hook as the engine does after a failure. @returns the report and the URN beside which it is logged */
  async function report(
    failure: Partial<pulumi.ErrorHookArgs> = {},
  ): Promise<{ text: string; urn: string } | undefined> {
    const { result } = await deploy(
      () => new Shop({ provider: new k8s.Provider("cluster", { context: "near", kubeconfig }) }),
    );
    const logged: { text: string; urn: string }[] = [];
    mock.method(pulumi.log, "error", async (text: string, resource: pulumi.Resource) => {
      logged.push({ text, urn: await new Promise((resolve) => resource.urn.apply(resolve)) });
    });
    const [hook] = result.hooks.onError ?? [];
    const retry = await hook?.callback({
      urn: "urn:web",
      id: "",
      name: "web",
      type: "kubernetes:apps/v1:Deployment",
      errors: [],
      failedOperation: "update",
      newInputs: { metadata: { name: "web-1", namespace: "shop" } },
      ...failure,
    });
    assert.equal(retry, false);
    assert.ok(logged.length <= 1);
    return logged[0];
  }
  const text = async (failure?: Partial<pulumi.ErrorHookArgs>) => (await report(failure))?.text ?? "";

  it("reports only the new version's pods, once, beside the resource that failed", async () => {
    const { text, urn } = (await report()) ?? { text: "", urn: "" };
    assert.equal(urn, "urn:web");
    assert.match(text, /^Deployment web-1, likely cause: crash loop: .* exits with code 3 .*\(2 restarts\)/);
    assert.match(text, /The previous version keeps serving with 2 pods/);
    assert.match(text, /new-pod.*no luck/s);
    assert.doesNotMatch(text, /old-pod/);
    assert.ok(api.asked.some((path) => /new-pod\/log\?.*previous=true/.test(path)));
  });

  it("hides the values of the pods' Secrets and of the stack's secret settings", async () => {
    const { PULUMI_CONFIG_SECRET_KEYS: before } = process.env;
    pulumi.runtime.setAllConfig({ "slipway:secrets": '{"TOKEN":"setting-of-the-stack"}' });
    process.env.PULUMI_CONFIG_SECRET_KEYS = '["slipway:secrets"]';
    try {
      assert.match(await text(), /\| connecting as \[secret\] \(\[secret\]=*\)\n\s+\| \[secret\]\n/);
    } finally {
      if (before === undefined) delete process.env.PULUMI_CONFIG_SECRET_KEYS;
      else process.env.PULUMI_CONFIG_SECRET_KEYS = before;
      pulumi.runtime.setAllConfig({});
    }
  });

  it("shows no log if a Secret to hide cannot be read", async () => {
    api.objects[`${core}/secrets/login`] = 403;
    const report = await text();
    assert.match(report, /Log of web in new-pod: not shown, because Secret login cannot be read/);
    assert.doesNotMatch(report, /no luck/);
  });

  it("hides Secrets that are projected, mounted, or read by an init container too", async () => {
    const spec = {
      volumes: [
        { name: "a", projected: { sources: [{ secret: { name: "projected" } }, { configMap: { name: "open" } }] } },
        { name: "b", projected: {} },
        { name: "c", emptyDir: {} },
        { name: "d", secret: { secretName: "mounted" } },
      ],
      initContainers: [
        { name: "init", image: "shop", envFrom: [{ secretRef: { name: "whole" } }, { configMapRef: {} }] },
      ],
      containers: [{ name: "web", image: "shop", env: [{ name: "PLAIN", value: "x" }] }],
    };
    api.objects[`${core}/pods`] = { items: [{ ...pod("new-pod", "new", crashLooping), spec }] };
    api.objects[`${core}/secrets/projected`] = { data: { a: base64("connecting") } };
    api.objects[`${core}/secrets/whole`] = { data: { a: base64("no luck") } };
    const report = await text();
    assert.match(report, /\| \[secret\] as s3cret-t0ken/);
    assert.doesNotMatch(report, /no luck/);
    assert.ok(api.asked.some((path) => path.includes("/secrets/mounted")));
    assert.ok(!api.asked.some((path) => path.includes("open")));
  });

  it("names the network policy that denies a connection of the pods, if there is one for them", async () => {
    const policies = "/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies";
    const policy = (podSelector: object, ...policyTypes: string[]) => ({
      items: [{ spec: { podSelector, policyTypes } }],
    });
    const denied = /What to do: outgoing connections are allowed only by slipway:web\.allowTo/;
    api.objects[log] = "Error: connect ETIMEDOUT 203.0.113.7:587\n";
    api.objects[policies] = policy({}, "Ingress", "Egress");
    assert.match(await text(), denied);
    const other = { matchLabels: { app: "other" } };
    const some = { matchExpressions: [{ key: "app", operator: "Exists" }] };
    for (const none of [403, policy({}, "Ingress"), policy(other, "Egress"), policy(some, "Egress"), { items: [{}] }]) {
      api.objects[policies] = none;
      assert.doesNotMatch(await text(), denied);
    }
  });

  it("shows only the events of its own pods", async () => {
    const event = (uid: string | undefined, message: string) => ({
      metadata: {},
      involvedObject: { uid },
      type: "Warning",
      reason: "BackOff",
      message,
    });
    api.objects[`${core}/events`] = {
      items: [event("uid-of-new-pod", "again"), event("another's", "not ours"), event(undefined, "not ours")],
    };
    const report = await text();
    assert.match(report, /BackOff: again/);
    assert.doesNotMatch(report, /not ours/);
  });

  it("reports on a Job and on a StatefulSet too", async () => {
    const newInputs = (name: string) => ({ metadata: { name, namespace: "shop" } });
    const job = await text({ type: "kubernetes:batch/v1:Job", newInputs: newInputs("migration-1") });
    assert.match(job, /^Job migration-1, likely cause: web failed: it exits with code 3 \(1 attempt\)/);
    const set = await text({ type: "kubernetes:apps/v1:StatefulSet", newInputs: newInputs("database") });
    assert.match(set, /^StatefulSet database, likely cause: crash loop/);
  });

  it("says what it cannot read, and fails nothing else", async () => {
    api.objects[log] = 500;
    assert.match(await text(), /Log of web in new-pod: the log cannot be read: .*500/);
    delete api.objects[`${apps}/deployments/web-1`];
    assert.match(await text(), /^why Deployment web-1 failed cannot be read from the cluster: .*404/);
  });

  it("says how to recreate a deleted workload, and mistakes no other missing object for it", async () => {
    const job = { type: "kubernetes:batch/v1:Job" };
    assert.match(
      await text({ ...job, errors: ['update failed: jobs.batch "migration-1" not found'] }),
      /^Job migration-1, likely cause: it no longer exists.*\n {2}What to do: pulumi up --refresh/,
    );
    const other = await text({ ...job, errors: ['create failed: namespaces "shop" not found'] });
    assert.doesNotMatch(other, /no longer exists/);
  });

  it("reports nothing about other resources, about deletions, and in a preview", async () => {
    assert.equal(await report({ type: "kubernetes:core/v1:Service" }), undefined);
    assert.equal(await report({ failedOperation: "delete" }), undefined);
    mock.method(pulumi.runtime, "isDryRun", () => true);
    assert.equal(await report(), undefined);
    assert.deepEqual(api.asked, []);
  });

  it("covers every workload of an application and of its database", async () => {
    const { resources } = await deploy(() => {
      const { namespace, image, resources } = webArgs;
      const args = { namespace, image, resources, password: "12345678", storage: "1Gi" };
      const { connection } = new Database("database", args);
      new WebApp("web", { ...webArgs, database: connection });
    });
    const workloads = resources.filter(({ type }) => /:(Deployment|StatefulSet|Job)$/.test(type));
    assert.ok(workloads.length >= 3);
    for (const { name, errorHooks } of workloads)
      assert.match(errorHooks.join(), /^failure-report-(web|database)$/, name);
  });
});
