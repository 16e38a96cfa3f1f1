import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { ReleaseFacts } from "../../components/web/release-facts.ts";
import { WebApp, type WebAppArgs } from "../../components/web.ts";
import { deploy, only, resolved } from "../deploy.ts";

const args: WebAppArgs = {
  waitForRollout: ({ metadata }) => metadata.name,
  namespace: "shop",
  image: "registry.example.com/shop@sha256:abc",
  port: 8000,
  replicas: { min: 2, max: 2 },
  migrate: ["migrate", "up"],
  migrateSeconds: 120,
  environment: { LOG_LEVEL: "info" },
  secrets: {},
  probes: { live: "/live", ready: "/ready", startSeconds: 60 },
  resources: { cpu: "100m", cpuLimit: "1", memory: "256Mi" },
  user: 10001,
  stopSeconds: 30,
  deadlineSeconds: 180,
  database: {
    host: pulumi.output("database"),
    port: 5432,
    name: "orders",
    user: pulumi.output("database-credentials-1"),
    secret: pulumi.output("database-credentials-1"),
    image: "postgres:17",
    clientLabels: { "slipway/database-client": "true" },
  },
};

const deployed = (overrides: Partial<WebAppArgs> = {}) => deploy(() => new WebApp("web", { ...args, ...overrides }));
const deployment = "kubernetes:apps/v1:Deployment";
const configMap = "kubernetes:core/v1:ConfigMap";
const job = "kubernetes:batch/v1:Job";
const types = (resources: { type: string }[]) => resources.map(({ type }) => type.replace(/^kubernetes:.*:/, ""));

describe("WebApp", () => {
  it("starts a successor before a pod leaves, and gives up after the deadline", async () => {
    const { spec } = only((await deployed()).resources, deployment).inputs;
    assert.deepEqual(spec.strategy, { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } });
    assert.equal(spec.progressDeadlineSeconds, 180);
    assert.equal(spec.replicas, 2);
  });

  it("lets load balancers let go of a pod before it stops, and gives it time to finish after that", async () => {
    const pod = only((await deployed()).resources, deployment).inputs.spec.template.spec;
    assert.deepEqual(pod.containers[0].lifecycle, { preStop: { sleep: { seconds: 5 } } });
    assert.equal(pod.terminationGracePeriodSeconds, 35);
  });

  it("checks the database in the readiness probe alone", async () => {
    const [container] = only((await deployed()).resources, deployment).inputs.spec.template.spec.containers;
    assert.equal(container.readinessProbe.httpGet.path, "/ready");
    assert.equal(container.livenessProbe.httpGet.path, "/live");
    assert.equal(container.startupProbe.httpGet.path, "/live");
    assert.equal(container.startupProbe.failureThreshold * container.startupProbe.periodSeconds, 60);
  });

  it("serves for as long as its load balancer needs to let go of it, and then has the same time to stop", async () => {
    const { resources } = await deployed({ drainSeconds: 60 });
    const pod = only(resources, deployment).inputs.spec.template.spec;
    assert.deepEqual(pod.containers[0].lifecycle, { preStop: { sleep: { seconds: 60 } } });
    assert.equal(pod.terminationGracePeriodSeconds, 90);
  });

  it("migrates on the new image before the rollout", async () => {
    const { resources } = await deployed();
    const { spec } = only(resources, job).inputs;
    assert.deepEqual(spec.template.spec.containers[0].command, ["migrate", "up"]);
    assert.equal(spec.template.spec.containers[0].image, args.image);
    assert.equal(spec.template.spec.activeDeadlineSeconds, 120);
    assert.ok(spec.activeDeadlineSeconds > 120, "a pod that took too long is there to be looked at");
    assert.ok(only(resources, deployment).dependsOn.includes("web-migration"));
  });

  it("has no migration where none is set", async () => {
    const { resources, result } = await deployed({ migrate: undefined });
    assert.ok(!types(resources).includes("Job"));
    assert.deepEqual(await resolved(result.migrated), {});
  });

  it("tells the application where its database is, and the password only by reference", async () => {
    const [container] = only((await deployed()).resources, deployment).inputs.spec.template.spec.containers;
    assert.deepEqual(container.env, [
      { name: "LOG_LEVEL", value: "info" },
      { name: "SLIPWAY_IMAGE", value: args.image },
      { name: "PGHOST", value: "database" },
      { name: "PGPORT", value: "5432" },
      { name: "PGDATABASE", value: "orders" },
      { name: "PGUSER", value: "database-credentials-1" },
      { name: "PGPASSWORD", valueFrom: { secretKeyRef: { name: "database-credentials-1", key: "password" } } },
    ]);
  });

  it("marks migration and application as the database's clients, and lets nothing out itself", async () => {
    const { resources } = await deployed();
    for (const { inputs } of [only(resources, deployment), only(resources, job)]) {
      assert.equal(inputs.spec.template.metadata.labels["slipway/database-client"], "true");
    }
    const policies = resources.filter(({ type }) => type.endsWith(":NetworkPolicy"));
    assert.deepEqual(
      policies.map(({ inputs }) => inputs.spec.policyTypes),
      [["Ingress"]],
    );
  });

  it("is reached on its own port alone", async () => {
    const { resources } = await deployed();
    assert.deepEqual(only(resources, "kubernetes:networking.k8s.io/v1:NetworkPolicy", "web").inputs.spec, {
      podSelector: { matchLabels: { "app.kubernetes.io/name": "web", "app.kubernetes.io/component": "web" } },
      policyTypes: ["Ingress"],
      ingress: [{ ports: [{ protocol: "TCP", port: 8000 }] }],
    });
  });

  it("is reached from those namespaces and addresses alone that it allows", async () => {
    const { resources } = await deployed({ allowFrom: ["ingress-nginx", "10.0.0.0/16"] });
    const [rule, ...more] = only(resources, "kubernetes:networking.k8s.io/v1:NetworkPolicy", "web").inputs.spec.ingress;
    assert.deepEqual(more, []);
    assert.deepEqual(rule, {
      from: [
        { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "ingress-nginx" } } },
        { ipBlock: { cidr: "10.0.0.0/16" } },
      ],
      ports: [{ protocol: "TCP", port: 8000 }],
    });
  });

  it("knows nothing of a database where there is none", async () => {
    const { resources } = await deployed({ database: undefined });
    assert.doesNotMatch(JSON.stringify(resources), /PGHOST|database/);
  });

  it("hands over secrets in a Secret of its own, and makes none where there are none", async () => {
    const { resources } = await deployed({ secrets: { TOKEN: pulumi.secret("s3cret") } });
    const { template } = only(resources, deployment).inputs.spec;
    assert.deepEqual(template.spec.containers[0].envFrom, [{ secretRef: { name: "web-secrets-0a1b2c3d" } }]);
    const made = only(resources, "kubernetes:core/v1:Secret");
    assert.ok(pulumi.runtime.isRpcSecret(made.inputs.stringData));
    assert.deepEqual(made.inputs.stringData.value, { TOKEN: "s3cret" });
    assert.ok(!JSON.stringify(resources.filter((one) => one !== made)).includes("s3cret"));
    assert.ok(!types((await deployed()).resources).includes("Secret"));
  });

  it("runs migration and application restricted, as their own user, within requests and limits", async () => {
    const { resources } = await deployed();
    for (const { inputs } of [only(resources, deployment), only(resources, job)]) {
      const pod = inputs.spec.template.spec;
      const [container] = pod.containers;
      assert.equal(pod.automountServiceAccountToken, false);
      assert.equal(pod.serviceAccountName, "web-0a1b2c3d");
      assert.equal(pod.securityContext.runAsUser, 10001);
      assert.equal(pod.securityContext.runAsNonRoot, true);
      assert.equal(pod.securityContext.seccompProfile.type, "RuntimeDefault");
      assert.deepEqual(container.securityContext.capabilities, { drop: ["ALL"] });
      assert.equal(container.securityContext.readOnlyRootFilesystem, true);
      assert.deepEqual(
        container.volumeMounts.filter((mount: { readOnly?: boolean }) => !mount.readOnly),
        [{ name: "tmp", mountPath: "/tmp" }],
      );
      assert.deepEqual(container.resources, {
        requests: { cpu: "100m", memory: "256Mi" },
        limits: { cpu: "1", memory: "256Mi" },
      });
    }
  });

  it("may lose one pod at a time to a drained node, and spreads over nodes and zones", async () => {
    const { resources } = await deployed();
    const { spec } = only(resources, "kubernetes:policy/v1:PodDisruptionBudget").inputs;
    assert.equal(spec.maxUnavailable, 1);
    const spread = only(resources, deployment).inputs.spec.template.spec.topologySpreadConstraints;
    assert.deepEqual(
      spread.map((constraint: { topologyKey: string }) => constraint.topologyKey),
      ["kubernetes.io/hostname", "topology.kubernetes.io/zone"],
    );
  });

  it("serves once its pods are rolled out by the API server's word, for which the plugin does not wait", async () => {
    const { resources, result } = await deploy(
      () => new WebApp("web", { ...args, waitForRollout: () => pulumi.output("rolled out") }),
    );
    assert.equal(await resolved(result.ready), "rolled out");
    const { metadata, spec } = only(resources, deployment).inputs;
    assert.equal(metadata.annotations["pulumi.com/skipAwait"], "true");
    assert.equal(spec.progressDeadlineSeconds, args.deadlineSeconds);
  });

  it("leaves the number of pods to the autoscaler where there is a range", async () => {
    const { resources } = await deployed({ replicas: { min: 3, max: 10 } });
    const { spec } = only(resources, "kubernetes:autoscaling/v2:HorizontalPodAutoscaler").inputs;
    assert.deepEqual([spec.minReplicas, spec.maxReplicas], [3, 10]);
    // Beginning with the least; what the autoscaler makes of it stays.
    assert.equal(only(resources, deployment).inputs.spec.replicas, 3);
    assert.deepEqual(only(resources, deployment).ignoreChanges, ["spec.replicas"]);
    const fixed = (await deployed()).resources;
    assert.ok(!types(fixed).includes("HorizontalPodAutoscaler"));
    assert.deepEqual(only(fixed, deployment).ignoreChanges, []);
  });

  const release: ReleaseFacts = {
    name: "v1.2",
    commit: "c".repeat(40),
    source: "https://example.com/team/shop",
    breakGlass: "the outage of 3 May",
  };

  it("says on the Deployment which release it is, under the usual keys, and why the glass was broken", async () => {
    const { metadata } = only((await deployed({ release })).resources, deployment).inputs;
    assert.deepEqual(metadata.annotations, {
      "kubernetes.io/change-cause": `release v1.2, commit ${"c".repeat(40)}, break glass: the outage of 3 May`,
      "org.opencontainers.image.version": "v1.2",
      "org.opencontainers.image.revision": "c".repeat(40),
      "org.opencontainers.image.source": "https://example.com/team/shop",
      "slipway/break-glass": "the outage of 3 May",
      "pulumi.com/skipAwait": "true",
    });
  });

  it("says nothing of a release where there is nothing to say", async () => {
    for (const release of [undefined, {}])
      assert.deepEqual(only((await deployed({ release })).resources, deployment).inputs.metadata.annotations, {
        "pulumi.com/skipAwait": "true",
      });
  });

  it("tells the application in a file which release it is, and of which image that file speaks", async () => {
    const { metadata, data } = only((await deployed({ release })).resources, configMap).inputs;
    assert.equal(metadata.name, "web-release");
    assert.deepEqual(Object.keys(data), ["release.json"]);
    assert.deepEqual(JSON.parse(data["release.json"]), { image: args.image, name: "v1.2", commit: "c".repeat(40) });
  });

  it("restarts no pod and migrates nothing for another name, commit, source or reason", async () => {
    const pods = async (release?: ReleaseFacts) => {
      const { resources } = await deployed({ release });
      return [only(resources, deployment), only(resources, job)].map(({ inputs }) => inputs.spec);
    };
    assert.deepEqual(await pods(release), await pods());
    const [spec] = await pods(release);
    assert.deepEqual(spec.template.metadata, {
      labels: { ...spec.selector.matchLabels, "slipway/database-client": "true" },
    });
  });

  it("is served on the node's port, through an ingress, or inside the cluster alone", async () => {
    const inside = await deployed();
    assert.equal(await resolved(inside.result.url), "http://web.shop");
    assert.ok(!types(inside.resources).includes("Ingress"));

    const onNode = await deployed({ nodePort: 30080 });
    assert.equal(await resolved(onNode.result.url), "http://localhost:30080");
    const { spec } = only(onNode.resources, "kubernetes:core/v1:Service").inputs;
    assert.deepEqual([spec.type, spec.ports[0].nodePort], ["NodePort", 30080]);

    const outside = await deployed({ host: "shop.example.com", ingressClass: "nginx" });
    assert.equal(await resolved(outside.result.url), "https://shop.example.com");
    const ingress = only(outside.resources, "kubernetes:networking.k8s.io/v1:Ingress").inputs.spec;
    assert.equal(ingress.ingressClassName, "nginx");
    assert.deepEqual(ingress.tls, [{ hosts: ["shop.example.com"], secretName: "web-tls" }]);
    assert.equal(ingress.rules[0].host, "shop.example.com");
  });

  it("has its certificate made by the issuer that is named, in the cluster or in the namespace", async () => {
    const made = async (overrides: Partial<WebAppArgs>) => {
      const { resources } = await deployed({ host: "shop.example.com", ...overrides });
      const { metadata, spec } = only(resources, "kubernetes:networking.k8s.io/v1:Ingress").inputs;
      return [metadata.annotations, spec.tls[0].secretName];
    };
    const ingressAnnotations = { "example.com/size": "8m" };
    assert.deepEqual(await made({}), [undefined, "web-tls"]);
    assert.deepEqual(await made({ ingressAnnotations: {} }), [undefined, "web-tls"]);
    assert.deepEqual(await made({ ingressAnnotations, tls: { secret: "shop-tls" } }), [ingressAnnotations, "shop-tls"]);
    assert.deepEqual(await made({ ingressAnnotations, tls: { issuer: "letsencrypt" } }), [
      { ...ingressAnnotations, "cert-manager.io/cluster-issuer": "letsencrypt" },
      "web-tls",
    ]);
    assert.deepEqual((await made({ tls: { issuer: "issuer/ours" } }))[0], { "cert-manager.io/issuer": "ours" });
  });

  it("keeps an up that fails from waiting for endpoints that never come", async () => {
    const { resources } = await deployed({ host: "shop.example.com" });
    const { metadata } = only(resources, "kubernetes:core/v1:Service").inputs;
    assert.equal(metadata.annotations["pulumi.com/skipAwait"], "true");
    assert.ok(only(resources, "kubernetes:networking.k8s.io/v1:Ingress").dependsOn.includes("web"));
  });
});
