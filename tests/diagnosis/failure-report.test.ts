import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { mock } from "node:test";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Database } from "../../components/database.ts";
import { WebApp } from "../../components/web.ts";
import { failureReport } from "../../diagnosis/failure-report.ts";
import { deploy } from "../deploy.ts";

const owner = (uid: string) => [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "owner", uid }];
const revision = (number: string) => ({ "deployment.kubernetes.io/revision": number });
const base64 = (text: string) => Buffer.from(text).toString("base64");
const base = "/namespaces/shop";

const container = {
  name: "web",
  image: "shop",
  env: [{ name: "P", valueFrom: { secretKeyRef: { name: "login", key: "p" } } }],
};
const pod = (name: string, uid: string, state: object) => ({
  metadata: {
    name,
    namespace: "shop",
    uid: `uid-of-${name}`,
    ownerReferences: owner(uid),
    creationTimestamp: "2026-01-01T12:00:00Z",
  },
  spec: { containers: [container], volumes: [{ name: "s", secret: { secretName: "gone" } }] },
  status: { phase: "Running", containerStatuses: [{ name: "web", image: "", imageID: "", ...state }] },
});
const crashed = {
  ready: false,
  restartCount: 2,
  state: { waiting: { reason: "CrashLoopBackOff" } },
  lastState: { terminated: { exitCode: 3, reason: "Error" } },
};

/** What the API server answers, by path; a number is a refusal with that status. */
const cluster = (): Record<string, unknown> => ({
  [`/apis/apps/v1${base}/deployments/web-1`]: {
    metadata: { name: "web-1", uid: "deployment", annotations: revision("2") },
  },
  [`/apis/apps/v1${base}/replicasets`]: {
    items: [
      {
        metadata: { uid: "old", annotations: revision("1"), ownerReferences: owner("deployment") },
        status: { replicas: 2, availableReplicas: 2 },
      },
      { metadata: { uid: "new", annotations: revision("2"), ownerReferences: owner("deployment") } },
      { metadata: { uid: "another's", ownerReferences: owner("x") }, status: { replicas: 9, availableReplicas: 9 } },
    ],
  },
  [`/apis/apps/v1${base}/statefulsets/database`]: { metadata: { name: "database", uid: "new" } },
  [`/apis/batch/v1${base}/jobs/migration-1`]: {
    metadata: { name: "migration-1", uid: "new" },
    status: { conditions: [{ type: "Failed", status: "True", reason: "BackoffLimitExceeded" }] },
  },
  [`/api/v1${base}/pods`]: {
    items: [
      pod("old-pod", "old", { ready: true, restartCount: 0, state: { running: {} } }),
      pod("new-pod", "new", crashed),
    ],
  },
  [`/api/v1${base}/events`]: { items: [] },
  [`/api/v1${base}/secrets/login`]: { metadata: { name: "login" }, data: { p: base64("s3cret-t0ken") } },
  [`/api/v1${base}/secrets/gone`]: 404,
  [`/api/v1${base}/pods/new-pod/log`]: `connecting as s3cret-t0ken (${base64("s3cret-t0ken")})\nsetting-of-the-stack\nno luck\n`,
});

class Shop extends pulumi.ComponentResource {
  readonly hooks: pulumi.ResourceHookBinding;
  constructor(opts?: pulumi.ComponentResourceOptions) {
    super("test:index:Shop", "shop", {}, opts);
    this.hooks = failureReport(this, "shop");
  }
}

describe("Failure reports", () => {
  let server: Server;
  let answers = cluster();
  let asked: string[] = [];

  before(async () => {
    server = createServer((request, response) => {
      const url = new URL(request.url ?? "", "http://localhost");
      asked.push(`${url.pathname}${url.search}`);
      const previous = url.searchParams.get("previous") === "true" ? answers[`${url.pathname}?previous`] : undefined;
      const answer = previous ?? answers[url.pathname] ?? 404;
      const isText = typeof answer === "string";
      response.writeHead(typeof answer === "number" ? answer : 200, {
        "content-type": isText ? "text/plain" : "application/json",
      });
      response.end(
        isText ? answer : JSON.stringify(typeof answer === "number" ? { kind: "Status", code: answer } : answer),
      );
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    // Loaded once here: a hook has the time for it, a test's deadline is short.
    await import("@kubernetes/client-node");
  });
  after(() => new Promise((done) => server.close(done)));
  beforeEach(() => {
    answers = cluster();
    asked = [];
  });
  afterEach(() => mock.restoreAll());

  const kubeconfig = () =>
    JSON.stringify({
      clusters: [
        {
          name: "c",
          cluster: {
            server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
            "insecure-skip-tls-verify": true,
          },
        },
      ],
      users: [{ name: "u", user: {} }],
      contexts: [{ name: "here", context: { cluster: "c", user: "u" } }],
    });

  /** What a failure prints, and beside which resource. */
  async function reported(failed: Partial<pulumi.ErrorHookArgs>): Promise<{ text: string; urn: string } | undefined> {
    const { result } = await deploy(
      () => new Shop({ provider: new k8s.Provider("cluster", { context: "here", kubeconfig: kubeconfig() }) }),
    );
    const logged: { text: string; urn: string }[] = [];
    mock.method(pulumi.log, "error", async (text: string, resource: pulumi.Resource) => {
      logged.push({ text, urn: await new Promise((resolve) => resource.urn.apply(resolve)) });
    });
    const [hook] = result.hooks.onError ?? [];
    const metadata = { name: "web-1", namespace: "shop" };
    const args = {
      urn: "urn:web",
      id: "",
      name: "web",
      errors: [],
      failedOperation: "update",
      newInputs: { metadata },
    };
    const retry = await hook?.callback({ ...args, type: "kubernetes:apps/v1:Deployment", ...failed });
    assert.equal(retry, false, "a failed operation is not tried again");
    assert.ok(logged.length <= 1, "once");
    return logged[0];
  }

  it("tells of the new version's pods alone, once, beside the resource that failed", async () => {
    const report = await reported({});
    assert.equal(report?.urn, "urn:web");
    assert.match(
      report?.text ?? "",
      /^Deployment web-1, likely cause: crash loop: .* exits with code 3 .*\(2 restarts\)/,
    );
    assert.match(report?.text ?? "", /The previous version keeps serving with 2 pods/);
    assert.match(report?.text ?? "", /new-pod.*no luck/s);
    assert.doesNotMatch(report?.text ?? "", /old-pod/);
    assert.ok(
      asked.some((path) => /new-pod\/log\?.*previous=true/.test(path)),
      "the log of the container that crashed",
    );
  });

  it("hides what the pods' Secrets and the stack's secret settings hold", async () => {
    const { PULUMI_CONFIG_SECRET_KEYS: before } = process.env;
    pulumi.runtime.setAllConfig({ "slipway:secrets": '{"TOKEN":"setting-of-the-stack"}' });
    process.env.PULUMI_CONFIG_SECRET_KEYS = '["slipway:secrets"]';
    try {
      const { text = "" } = (await reported({})) ?? {};
      assert.match(text, /\| connecting as \[secret\] \(\[secret\]=*\)\n\s+\| \[secret\]\n/);
    } finally {
      if (before === undefined) delete process.env.PULUMI_CONFIG_SECRET_KEYS;
      else process.env.PULUMI_CONFIG_SECRET_KEYS = before;
      pulumi.runtime.setAllConfig({});
    }
  });

  it("shows no log where it cannot know what to hide in it", async () => {
    answers[`/api/v1${base}/secrets/login`] = 403;
    const { text = "" } = (await reported({})) ?? {};
    assert.match(text, /Log of web in new-pod: not shown, because Secret login cannot be read/);
    assert.doesNotMatch(text, /no luck/);
  });

  it("knows the Secrets that are mounted among others, read whole, or read by an init container", async () => {
    const template = pod("new-pod", "new", crashed);
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
    answers[`/api/v1${base}/pods`] = { items: [{ ...template, spec }] };
    answers[`/api/v1${base}/secrets/projected`] = { data: { a: base64("connecting") } };
    answers[`/api/v1${base}/secrets/whole`] = { data: { a: base64("no luck") } };
    const { text = "" } = (await reported({})) ?? {};
    assert.match(text, /\| \[secret\] as s3cret-t0ken/);
    assert.doesNotMatch(text, /no luck/);
    for (const name of ["projected", "whole", "mounted"])
      assert.ok(
        asked.some((path) => path.includes(`/secrets/${name}`)),
        name,
      );
    assert.ok(!asked.some((path) => path.includes("open")));
  });

  it("shows the log of a container that has not been restarted, and says where there is none", async () => {
    const running = { ready: false, restartCount: 0, state: { running: {} } };
    const init = {
      name: "init",
      image: "",
      imageID: "",
      ready: false,
      restartCount: 0,
      state: { terminated: { exitCode: 0 } },
    };
    const waiting = pod("new-pod", "new", running);
    answers[`/api/v1${base}/pods`] = {
      items: [
        { ...waiting, status: { ...waiting.status, initContainerStatuses: [init] } },
        { metadata: { name: "bare", ownerReferences: owner("new") } },
      ],
    };
    answers[`/api/v1${base}/pods/new-pod/log`] = "\n";
    assert.match((await reported({}))?.text ?? "", /Log of web in new-pod: it wrote nothing/);
    assert.ok(!asked.some((path) => /previous=true/.test(path)));
    answers[`/api/v1${base}/pods/new-pod/log`] = 500;
    assert.match((await reported({}))?.text ?? "", /Log of web in new-pod: the log cannot be read/);
  });

  it("shows the last words of a container that was started anew while it was looked at, whichever run has them", async () => {
    const log = `/api/v1${base}/pods/new-pod/log`;
    const ended = { ...crashed, state: { terminated: { exitCode: 3, reason: "Error" } } };
    const gone = "unable to retrieve container logs for containerd://0a1b\n";
    for (const [state, current, previous] of [
      [ended, "", "last words\n"],
      [ended, gone, "last words\n"],
      [crashed, "last words\n", ""],
      [crashed, "last words\n", 400],
    ] as const) {
      answers[`/api/v1${base}/pods`] = { items: [pod("new-pod", "new", state)] };
      Object.assign(answers, { [log]: current, [`${log}?previous`]: previous });
      assert.match((await reported({}))?.text ?? "", /Last lines of web in new-pod:\n +\| last words/);
    }
    // The kubelet's word of which run came before is a moment old.
    Object.assign(answers, { [log]: gone, [`${log}?previous`]: gone });
    setTimeout(() => Object.assign(answers, { [`${log}?previous`]: "last words\n" }), 300);
    assert.match((await reported({}))?.text ?? "", /Last lines of web in new-pod:\n +\| last words/);
    Object.assign(answers, { [log]: 500, [`${log}?previous`]: 500 });
    assert.match((await reported({}))?.text ?? "", /Log of web in new-pod: the log cannot be read/);
  });

  it("tells the events of its own pods alone", async () => {
    answers[`/api/v1${base}/events`] = {
      items: [
        {
          metadata: {},
          involvedObject: { uid: "uid-of-new-pod" },
          type: "Warning",
          reason: "BackOff",
          message: "again",
        },
        { metadata: {}, involvedObject: { uid: "another's" }, type: "Warning", reason: "Foreign", message: "not ours" },
        { metadata: {}, involvedObject: {}, type: "Warning", reason: "Nobody", message: "not ours" },
      ],
    };
    const { text = "" } = (await reported({})) ?? {};
    assert.match(text, /BackOff: again/);
    assert.doesNotMatch(text, /not ours/);
  });

  it("tells of a Job and of a StatefulSet too", async () => {
    const of = (name: string) => ({ newInputs: { metadata: { name, namespace: "shop" } }, failedOperation: "create" });
    const job = await reported({ type: "kubernetes:batch/v1:Job", ...of("migration-1") });
    assert.match(job?.text ?? "", /^Job migration-1, likely cause: web failed: it exits with code 3 \(1 attempt\)/);
    const set = await reported({ type: "kubernetes:apps/v1:StatefulSet", ...of("database") });
    assert.match(set?.text ?? "", /^StatefulSet database, likely cause: crash loop/);
  });

  it("says why it cannot tell, and makes nothing worse", async () => {
    delete answers[`/apis/apps/v1${base}/deployments/web-1`];
    assert.match(
      (await reported({}))?.text ?? "",
      /^why Deployment web-1 failed cannot be read from the cluster: .*404/,
    );
    answers = cluster();
    answers[`/api/v1${base}/pods/new-pod/log`] = 500;
    assert.match((await reported({}))?.text ?? "", /Log of web in new-pod: the log cannot be read: .*500/);
  });

  it("says how to make again what somebody has deleted, and mistakes nothing else that is missing for it", async () => {
    const job = { type: "kubernetes:batch/v1:Job", failedOperation: "update" };
    const gone = await reported({ ...job, errors: ['update failed: jobs.batch "migration-1" not found'] });
    assert.match(
      gone?.text ?? "",
      /^Job migration-1, likely cause: it no longer exists.*\n {2}What to do: pulumi up --refresh/,
    );
    const needed = await reported({ ...job, errors: ['create failed: namespaces "shop" not found'] });
    assert.doesNotMatch(needed?.text ?? "", /no longer exists/);
  });

  it("is silent about what has no pods, about deletions, and in a preview", async () => {
    assert.equal(await reported({ type: "kubernetes:core/v1:Service" }), undefined);
    assert.equal(await reported({ failedOperation: "delete" }), undefined);
    mock.method(pulumi.runtime, "isDryRun", () => true);
    assert.equal(await reported({}), undefined);
    assert.deepEqual(asked, []);
  });

  it("stands behind every workload of an application and of its database", async () => {
    const resources = { cpu: "100m", cpuLimit: "1", memory: "256Mi" };
    const place = { namespace: "shop", image: "shop@sha256:abc", resources };
    const { resources: registered } = await deploy(() => {
      const database = new Database("database", { ...place, password: "12345678", storage: "1Gi" });
      new WebApp("web", {
        waitForRollout: ({ metadata }) => metadata.name,
        ...place,
        ...{ port: 8000, replicas: { min: 2, max: 2 }, migrate: ["migrate"], migrateSeconds: 60, user: 10001 },
        ...{ environment: {}, secrets: {}, probes: { live: "/", ready: "/", startSeconds: 60 } },
        ...{ drainSeconds: 5, stopSeconds: 30, deadlineSeconds: 180, database: database.connection },
      });
    });
    const workloads = registered.filter(({ type }) => /:(Deployment|StatefulSet|Job)$/.test(type));
    assert.ok(workloads.length >= 3);
    for (const { name, errorHooks } of workloads)
      assert.match(errorHooks.join(), /^failure-report-(web|database)$/, name);
  });
});
