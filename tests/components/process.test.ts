import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { Process, type ProcessArgs } from "../../components/process.ts";
import { WebApp, type WebAppArgs } from "../../components/web.ts";
import { deploy, only, resolved } from "../deploy.ts";
import { assertRestricted, webArgs } from "./shop.ts";

const { resources, user, stopSeconds, deadlineSeconds } = webArgs;
const worker: Omit<ProcessArgs, "application"> = {
  command: ["work"],
  replicas: { min: 2, max: 2 },
  resources,
  user,
  stopSeconds,
  deadlineSeconds,
};
const server = { ...worker, port: 9000, probes: { live: "/live", startSeconds: 60 } };

/** Deploys a process beside web. @returns the resources of the process only */
async function deployed(args: Partial<ProcessArgs> = {}, web: Partial<WebAppArgs> = {}) {
  const { resources, result } = await deploy(() => {
    const { application } = new WebApp("web", { ...webArgs, ...web });
    return new Process("worker", { ...worker, ...args, application });
  });
  return { resources: resources.filter(({ parent }) => parent === "worker"), result };
}
const deployment = "kubernetes:apps/v1:Deployment";
const service = "kubernetes:core/v1:Service";
const ingress = "kubernetes:networking.k8s.io/v1:Ingress";
const labels = { "app.kubernetes.io/name": "worker", "app.kubernetes.io/component": "process" };
const specOf = async (args?: Partial<ProcessArgs>, web?: Partial<WebAppArgs>) =>
  only((await deployed(args, web)).resources, deployment).inputs.spec;
const containerOf = async (args?: Partial<ProcessArgs>) => (await specOf(args)).template.spec.containers[0];
const kinds = async (args?: Partial<ProcessArgs>) =>
  (await deployed(args)).resources.map(({ type }) => type.split(":").at(-1)).sort();

describe("Process", () => {
  it("without a port has a Deployment, a service account and a disruption budget, and nothing reaches it", async () => {
    assert.deepEqual(await kinds(), ["Deployment", "PodDisruptionBudget", "ServiceAccount"]);
  });

  it("runs its command with web's image, environment, secrets, release file and database", async () => {
    const secrets = { TOKEN: pulumi.secret("s3cret") };
    const spec = await specOf({}, { secrets });
    const { resources } = await deploy(() => new WebApp("web", { ...webArgs, secrets }));
    const [web] = only(resources, deployment).inputs.spec.template.spec.containers;
    const [container] = spec.template.spec.containers;
    assert.deepEqual(container.command, ["work"]);
    assert.equal(container.name, "worker");
    for (const field of ["image", "env", "envFrom", "volumeMounts"]) assert.deepEqual(container[field], web[field]);
    assert.deepEqual(container.envFrom, [{ secretRef: { name: "web-secrets-0a1b2c3d" } }]);
    assert.equal(spec.template.metadata.labels["slipway/database-client"], "true");
  });

  it("runs as a restricted pod with a service account of its own", async () => {
    const { template } = await specOf({ user: 4711 });
    assertRestricted(template.spec, 4711, ["tmp"]);
    assert.equal(template.spec.serviceAccountName, "worker-0a1b2c3d");
  });

  it("waits for the migration of its release", async () => {
    assert.ok(only((await deployed()).resources, deployment).dependsOn.includes("web-migration"));
    const without = only((await deployed({}, { migrate: undefined })).resources, deployment);
    assert.ok(!without.dependsOn.includes("web-migration"));
  });

  it("replaces a pod only once its successor runs, and gives it time to finish its work, without a drain", async () => {
    const { strategy, template, progressDeadlineSeconds } = await specOf({ stopSeconds: 600, deadlineSeconds: 90 });
    assert.deepEqual(strategy, { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } });
    assert.equal(template.spec.terminationGracePeriodSeconds, 600);
    assert.equal(template.spec.containers[0].lifecycle, undefined);
    assert.equal(progressDeadlineSeconds, 90);
    assert.equal((await deployed({ stopSeconds: 600 })).result.stopsWithin, 600);
  });

  it("without probes counts as started once it has run for ten seconds", async () => {
    assert.equal((await specOf()).minReadySeconds, 10);
    const { startupProbe, readinessProbe, livenessProbe, ports } = await containerOf();
    assert.deepEqual([startupProbe, readinessProbe, livenessProbe, ports], Array(4).fill(undefined));
  });

  it("without a port is checked by a command, less often than a server", async () => {
    const probes = { live: { command: ["alive"] }, startSeconds: 60 };
    assert.equal((await specOf({ probes })).minReadySeconds, undefined);
    const { startupProbe, readinessProbe, livenessProbe } = await containerOf({ probes });
    const exec = { command: ["alive"] };
    assert.deepEqual(startupProbe, { exec, periodSeconds: 5, timeoutSeconds: 10, failureThreshold: 12 });
    assert.deepEqual(readinessProbe, { exec, periodSeconds: 30, timeoutSeconds: 10, failureThreshold: 2 });
    assert.deepEqual(livenessProbe, { exec, periodSeconds: 30, timeoutSeconds: 10, failureThreshold: 3 });
  });

  it("with a port is served by a Service of its name, and drains before it stops", async () => {
    const { resources, result } = await deployed(server);
    const { spec, metadata } = only(resources, service).inputs;
    assert.equal(metadata.name, "worker");
    assert.deepEqual(spec, {
      type: "ClusterIP",
      selector: labels,
      ports: [{ name: "http", port: 80, targetPort: "http" }],
    });
    const { spec: pod } = only(resources, deployment).inputs.spec.template;
    const [{ ports, lifecycle, readinessProbe, livenessProbe }] = pod.containers;
    assert.deepEqual(ports, [{ name: "http", containerPort: 9000 }]);
    assert.deepEqual(lifecycle, { preStop: { sleep: { seconds: 5 } } });
    assert.deepEqual(
      [readinessProbe, livenessProbe].map(({ httpGet }) => httpGet.path),
      ["/live", "/live"],
    );
    assert.equal(pod.terminationGracePeriodSeconds, 35);
    assert.equal(result.stopsWithin, 35);
  });

  it("accepts requests on its port only, from anywhere or from the allowed sources", async () => {
    const policy = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
    const spec = only((await deployed(server)).resources, policy).inputs.spec;
    const ports = [{ protocol: "TCP", port: 9000 }];
    assert.deepEqual(spec, { podSelector: { matchLabels: labels }, policyTypes: ["Ingress"], ingress: [{ ports }] });
    const { ingress } = only((await deployed({ ...server, allowFrom: ["10.0.0.0/8"] })).resources, policy).inputs.spec;
    assert.deepEqual(ingress, [{ from: [{ ipBlock: { cidr: "10.0.0.0/8" } }], ports }]);
  });

  it("connects to the destinations that it names itself, and to none of web's", async () => {
    const names = async (args: Partial<ProcessArgs>, web: Partial<WebAppArgs>) =>
      (await deployed(args, web)).resources.map(({ name }) => name).filter((name) => name.endsWith("-outgoing"));
    assert.deepEqual(await names({}, { allowTo: ["mail:25"] }), []);
    assert.deepEqual(await names({ allowTo: ["mail:25"] }, {}), ["worker-outgoing"]);
  });

  it("with a host has an ingress of its own, which a path narrows; without one it has none", async () => {
    const outside = { ...server, host: "stream.example.com", ingressClass: "nginx", tls: { issuer: "ours" } };
    const { metadata, spec } = only((await deployed(outside)).resources, ingress).inputs;
    const backend = { service: { name: "worker", port: { name: "http" } } };
    assert.equal(metadata.annotations["cert-manager.io/cluster-issuer"], "ours");
    assert.deepEqual(spec, {
      ingressClassName: "nginx",
      tls: [{ hosts: ["stream.example.com"], secretName: "worker-tls" }],
      rules: [{ host: "stream.example.com", http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }],
    });
    const narrowed = only((await deployed({ ...outside, path: "/api" })).resources, ingress).inputs.spec;
    assert.equal(narrowed.rules[0].http.paths[0].path, "/api");
    assert.ok(!(await kinds({ ...server, path: "/api" })).includes("Ingress"));
  });

  it("has its own path checked by Amazon's load balancers, in place of web's", async () => {
    const key = "alb.ingress.kubernetes.io/healthcheck-path";
    const annotation = async (ingressAnnotations?: Record<string, string>) =>
      only((await deployed({ ...server, ingressAnnotations })).resources, service).inputs.metadata.annotations[key];
    assert.equal(await annotation({ [key]: "/of-web" }), "/live");
    assert.equal(await annotation(), undefined);
    const probes = { live: { command: ["bin/alive"] }, startSeconds: 60 };
    const args = { ...server, probes, ingressAnnotations: { [key]: "/of-web" } };
    const { annotations } = only((await deployed(args)).resources, service).inputs.metadata;
    assert.deepEqual([annotations[key], annotations["alb.ingress.kubernetes.io/success-codes"]], ["/", "200-499"]);
  });

  it("keeps files on a claim named after it, and then stops before its successor starts", async () => {
    const args = { replicas: { min: 1, max: 1 }, volumes: { "/data": { storage: "1Gi" } } };
    const { resources } = await deployed(args);
    assert.equal(only(resources, "kubernetes:core/v1:PersistentVolumeClaim").inputs.metadata.name, "worker-data");
    const { strategy, progressDeadlineSeconds } = only(resources, deployment).inputs.spec;
    assert.deepEqual(strategy, { type: "Recreate" });
    assert.equal(progressDeadlineSeconds, deadlineSeconds + stopSeconds, "there is no progress while it stops");
  });

  it("leaves the number of pods to an autoscaler if it is a range", async () => {
    const { resources } = await deployed({ replicas: { min: 1, max: 5 } });
    const { spec } = only(resources, "kubernetes:autoscaling/v2:HorizontalPodAutoscaler").inputs;
    assert.deepEqual([spec.scaleTargetRef.name, spec.minReplicas, spec.maxReplicas], ["worker-0a1b2c3d", 1, 5]);
    assert.deepEqual(only(resources, deployment).ignoreChanges, ["spec.replicas"]);
  });

  it("is annotated with its release, reports its failures, and is ready once the API server says so", async () => {
    const waitForRollout = () => pulumi.output("rolled out");
    const { resources, result } = await deployed({}, { release: { name: "v1.2" }, waitForRollout });
    assert.equal(await resolved(result.ready), "rolled out");
    const { inputs, errorHooks } = only(resources, deployment);
    assert.equal(inputs.metadata.annotations["org.opencontainers.image.version"], "v1.2");
    assert.equal(inputs.metadata.annotations["pulumi.com/skipAwait"], "true");
    assert.deepEqual(errorHooks, ["failure-report-worker"]);
  });
});
