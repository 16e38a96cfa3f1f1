import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { ReleaseFacts } from "../../components/web/release-facts.ts";
import type { WebAppArgs } from "../../components/web.ts";
import { only, resolved } from "../deploy.ts";
import { assertRestricted, webArgs } from "./shop.ts";
import { deployed, deployment, has, job, one } from "./web/deployed-web.ts";

const podOf = async (overrides?: Partial<WebAppArgs>) => (await one(deployment, overrides)).inputs.spec.template.spec;

describe("WebApp", () => {
  it("starts a new pod before an old one leaves, and gives up after its deadline", async () => {
    const { spec } = (await one(deployment)).inputs;
    assert.deepEqual(spec.strategy, { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } });
    assert.equal(spec.progressDeadlineSeconds, 180);
    assert.equal(spec.replicas, 2);
  });

  it("drains before it stops, for as long as its load balancer needs", async () => {
    for (const [drainSeconds, seconds] of [
      [undefined, 5],
      [60, 60],
    ] as const) {
      const { containers, terminationGracePeriodSeconds } = await podOf({ drainSeconds });
      assert.deepEqual(containers[0].lifecycle, { preStop: { sleep: { seconds } } });
      assert.equal(terminationGracePeriodSeconds, seconds + 30);
    }
  });

  it("checks the database in the readiness probe only", async () => {
    const { readinessProbe, livenessProbe, startupProbe } = (await podOf()).containers[0];
    const paths = [readinessProbe, livenessProbe, startupProbe].map(({ httpGet }) => httpGet.path);
    assert.deepEqual(paths, ["/ready", "/live", "/live"]);
    assert.equal(startupProbe.failureThreshold * startupProbe.periodSeconds, 60);
  });

  it("migrates on the new image before the rollout, if a command is set", async () => {
    const { resources } = await deployed();
    const { activeDeadlineSeconds, template } = only(resources, job).inputs.spec;
    const [{ command, image }] = template.spec.containers;
    assert.deepEqual([command, image], [["migrate", "up"], webArgs.image]);
    assert.equal(template.spec.activeDeadlineSeconds, 120);
    assert.ok(activeDeadlineSeconds > 120, "the Job's deadline would delete the pod with its log");
    assert.ok(only(resources, deployment).dependsOn.includes("web-migration"));
    assert.equal(await has("Job", { migrate: undefined }), false);
    assert.deepEqual(await resolved((await deployed({ migrate: undefined })).result.migrated), {});
  });

  it("passes the database's address as variables, and the password only by reference", async () => {
    assert.deepEqual((await podOf()).containers[0].env, [
      { name: "PGHOST", value: "database" },
      { name: "PGPORT", value: "5432" },
      { name: "PGDATABASE", value: "orders" },
      { name: "PGUSER", value: "database-credentials-1" },
      { name: "PGPASSWORD", valueFrom: { secretKeyRef: { name: "database-credentials-1", key: "password" } } },
      { name: "PGPASSWORD_URL", valueFrom: { secretKeyRef: { name: "database-credentials-1", key: "password" } } },
      { name: "SLIPWAY_IMAGE", value: webArgs.image },
      { name: "LOG_LEVEL", value: "info" },
    ]);
    assert.doesNotMatch(JSON.stringify((await deployed({ database: undefined })).resources), /PGHOST|database/);
  });

  it("passes values and commands as they are written, with the values of variables that they refer to", async () => {
    const environment = {
      A_URL: "$(URL)?token=$(TOKEN)",
      PRICE: "pa$$word $ $(UNKNOWN)",
      URL: "postgres://$(PGUSER):$(PGPASSWORD)@$(PGHOST):$(PGPORT)/$(PGDATABASE)",
    };
    const command = ["serve", "--url=$(A_URL)", "$$", "$(date)"];
    const args = { environment, command, migrate: command, secrets: { TOKEN: "t0ken" } };
    const { resources } = await deployed(args);
    for (const type of [deployment, job]) {
      const [container] = only(resources, type).inputs.spec.template.spec.containers;
      // Each after those that it refers to: Kubernetes expands nothing else.
      assert.deepEqual(container.env.slice(-3), [
        { name: "URL", value: environment.URL },
        { name: "A_URL", value: environment.A_URL },
        { name: "PRICE", value: "pa$$$$word $$ $$(UNKNOWN)" },
      ]);
      assert.deepEqual(container.command, ["serve", "--url=$(A_URL)", "$$$$", "$$(date)"]);
    }
  });

  it("may listen on a port below 1024 without root", async () => {
    const sysctls = async (port: number) => (await podOf({ port })).securityContext.sysctls;
    assert.deepEqual(await sysctls(80), [{ name: "net.ipv4.ip_unprivileged_port_start", value: "0" }]);
    assert.equal(await sysctls(1024), undefined);
  });

  it("pulls the image of application and migration with the pull secret", async () => {
    const { resources } = await deployed({ pullSecret: "app-pull" });
    for (const type of [deployment, job]) {
      const { imagePullSecrets } = only(resources, type).inputs.spec.template.spec;
      assert.deepEqual(imagePullSecrets, [{ name: "app-pull" }]);
    }
    assert.equal((await podOf()).imagePullSecrets, undefined);
  });

  it("keeps secret variables in a Secret of its own, and creates none without them", async () => {
    const { resources } = await deployed({ secrets: { TOKEN: pulumi.secret("s3cret") } });
    const [{ envFrom }] = only(resources, deployment).inputs.spec.template.spec.containers;
    assert.deepEqual(envFrom, [{ secretRef: { name: "web-secrets-0a1b2c3d" } }]);
    const secret = only(resources, "kubernetes:core/v1:Secret");
    assert.ok(pulumi.runtime.isRpcSecret(secret.inputs.stringData));
    assert.deepEqual(secret.inputs.stringData.value, { TOKEN: "s3cret" });
    assert.ok(!JSON.stringify(resources.filter((each) => each !== secret)).includes("s3cret"));
    assert.equal(await has("Secret"), false);
  });

  it("runs migration and application as restricted pods, with a service account and limits", async () => {
    const { resources } = await deployed();
    for (const type of [deployment, job]) {
      const pod = only(resources, type).inputs.spec.template.spec;
      assertRestricted(pod, 10001, ["tmp"]);
      assert.equal(pod.serviceAccountName, "web-0a1b2c3d");
      assert.deepEqual(pod.containers[0].resources, {
        requests: { cpu: "100m", memory: "256Mi" },
        limits: { cpu: "1", memory: "256Mi" },
      });
    }
  });

  it("loses at most one pod to a drained node, and spreads over nodes and zones", async () => {
    const { spec } = (await one("kubernetes:policy/v1:PodDisruptionBudget")).inputs;
    assert.equal(spec.maxUnavailable, 1);
    const { topologySpreadConstraints } = await podOf();
    assert.deepEqual(
      topologySpreadConstraints.map((constraint: { topologyKey: string }) => constraint.topologyKey),
      ["kubernetes.io/hostname", "topology.kubernetes.io/zone"],
    );
  });

  const uploads = { "/app/uploads": { storage: "10Gi", storageClass: "fast", protect: true } };
  const scratch = { "/run": {}, "/app/tmp": { size: "1Gi" } };
  const single = { min: 1, max: 1 };

  it("keeps a volume on a claim with a fixed name, and gives its scratch folders a size", async () => {
    const { resources } = await deployed({ replicas: single, volumes: { ...uploads, ...scratch } });
    const { inputs, protect, retainOnDelete } = only(
      resources,
      "kubernetes:core/v1:PersistentVolumeClaim",
      "web-uploads",
    );
    assert.equal(inputs.metadata.name, "web-uploads");
    assert.deepEqual(inputs.spec, {
      accessModes: ["ReadWriteOnce"],
      storageClassName: "fast",
      resources: { requests: { storage: "10Gi" } },
    });
    assert.deepEqual([protect, retainOnDelete], [true, true]);
    const { template } = only(resources, deployment).inputs.spec;
    assertRestricted(template.spec, 10001, ["tmp", "files-app-uploads", "files-run", "files-app-tmp"]);
    assert.deepEqual(template.spec.volumes.slice(2), [
      { name: "files-app-uploads", persistentVolumeClaim: { claimName: "web-uploads" } },
      { name: "files-run", emptyDir: { sizeLimit: "64Mi" } },
      { name: "files-app-tmp", emptyDir: { sizeLimit: "1Gi" } },
    ]);
    assert.deepEqual(template.spec.containers[0].volumeMounts.slice(2), [
      { name: "files-app-uploads", mountPath: "/app/uploads" },
      { name: "files-run", mountPath: "/run" },
      { name: "files-app-tmp", mountPath: "/app/tmp" },
    ]);
  });

  it("gives a migration the scratch folders, but no volume that the running pod has", async () => {
    const { resources } = await deployed({ replicas: single, volumes: { ...uploads, ...scratch } });
    assertRestricted(only(resources, job).inputs.spec.template.spec, 10001, ["tmp", "files-run", "files-app-tmp"]);
  });

  it("stops its one pod before the next one starts if a volume has one writer, and waits for that", async () => {
    let seconds = 0;
    const waitForRollout: WebAppArgs["waitForRollout"] = ({ metadata }, _, { deadlineSeconds }) => {
      seconds = deadlineSeconds;
      return metadata.name;
    };
    const { spec } = (await one(deployment, { replicas: single, volumes: uploads, waitForRollout })).inputs;
    assert.deepEqual(spec.strategy, { type: "Recreate" });
    // Drain and stop, in which nothing moves.
    assert.deepEqual([spec.progressDeadlineSeconds, seconds], [180 + 35, 180 + 35]);
    const many = { "/app/uploads": { storage: "10Gi", access: "ReadWriteMany" } } as const;
    for (const volumes of [many, scratch])
      assert.equal((await one(deployment, { volumes })).inputs.spec.strategy.type, "RollingUpdate");
  });

  it("labels migration and application as clients of what they may reach", async () => {
    const { resources } = await deployed({ clientLabels: { "slipway/accessory-client": "true" } });
    for (const type of [deployment, job])
      assert.equal(only(resources, type).inputs.spec.template.metadata.labels["slipway/accessory-client"], "true");
    assert.ok(!JSON.stringify((await one(deployment)).inputs).includes("accessory"));
  });

  it("is ready once the API server reports the rollout complete, without the plugin's wait", async () => {
    const { resources, result } = await deployed({ waitForRollout: () => pulumi.output("rolled out") });
    assert.equal(await resolved(result.ready), "rolled out");
    assert.equal(only(resources, deployment).inputs.metadata.annotations["pulumi.com/skipAwait"], "true");
  });

  it("leaves the number of pods to an autoscaler if it is a range", async () => {
    const { resources } = await deployed({ replicas: { min: 3, max: 10 } });
    const { spec } = only(resources, "kubernetes:autoscaling/v2:HorizontalPodAutoscaler").inputs;
    assert.deepEqual([spec.minReplicas, spec.maxReplicas], [3, 10]);
    // A new Deployment begins with the minimum; later the autoscaler's number stays.
    assert.equal(only(resources, deployment).inputs.spec.replicas, 3);
    assert.deepEqual(only(resources, deployment).ignoreChanges, ["spec.replicas"]);
    assert.equal(await has("HorizontalPodAutoscaler"), false);
    assert.deepEqual((await one(deployment)).ignoreChanges, []);
  });

  const release: ReleaseFacts = {
    name: "v1.2",
    commit: "c".repeat(40),
    source: "https://example.com/team/shop",
    breakGlass: "the outage of 3 May",
  };

  it("annotates the Deployment with its release and the reason for breaking the glass", async () => {
    assert.deepEqual((await one(deployment, { release })).inputs.metadata.annotations, {
      "kubernetes.io/change-cause": `release v1.2, commit ${"c".repeat(40)}, break glass: the outage of 3 May`,
      "org.opencontainers.image.version": "v1.2",
      "org.opencontainers.image.revision": "c".repeat(40),
      "org.opencontainers.image.source": "https://example.com/team/shop",
      "slipway/break-glass": "the outage of 3 May",
      "pulumi.com/skipAwait": "true",
    });
    for (const release of [undefined, {}])
      assert.deepEqual((await one(deployment, { release })).inputs.metadata.annotations, {
        "pulumi.com/skipAwait": "true",
      });
  });

  it("passes the release to the application in a file, with the image that it belongs to", async () => {
    const { metadata, data } = (await one("kubernetes:core/v1:ConfigMap", { release })).inputs;
    assert.equal(metadata.name, "web-release");
    assert.deepEqual(Object.keys(data), ["release.json"]);
    assert.deepEqual(JSON.parse(data["release.json"]), { image: webArgs.image, name: "v1.2", commit: "c".repeat(40) });
  });

  it("restarts no pod and runs no migration for another name, commit, source or reason", async () => {
    const specs = async (release?: ReleaseFacts) => {
      const { resources } = await deployed({ release });
      return [deployment, job].map((type) => only(resources, type).inputs.spec);
    };
    assert.deepEqual(await specs(release), await specs());
  });
});
