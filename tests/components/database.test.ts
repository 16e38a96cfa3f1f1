import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Database, type DatabaseArgs } from "../../components/database.ts";
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
const secret = "kubernetes:core/v1:Secret";
const job = "kubernetes:batch/v1:Job";
const serving = pulumi.output("web");
const policy = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
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

  it("protects and retains the claim where the environment says so, and nothing else", async () => {
    const kept = (await deployed({ protect: true })).resources.filter((resource) => resource.protect);
    assert.deepEqual(
      kept.map(({ name }) => name),
      ["database-data"],
    );
    assert.ok(kept.every((resource) => resource.retainOnDelete));
    assert.ok((await deployed()).resources.every((resource) => !resource.protect && !resource.retainOnDelete));
  });

  it("hands the password over in Secrets, never in a plain value", async () => {
    const { resources } = await deployed();
    for (const { type, inputs } of resources) {
      if (type !== secret) assert.ok(!JSON.stringify(inputs ?? {}).includes("correct-horse"), type);
    }
    assert.deepEqual(only(resources, secret, "database-credentials").inputs.stringData.value, {
      password: "correct-horse",
    });
  });

  it("names the login after the Secret of its password, so that every password has a login of its own", async () => {
    const { resources } = await deployed();
    assert.deepEqual(only(resources, secret, "database-login").inputs.stringData.value, {
      user: "database-credentials-0a1b2c3d",
      password: "correct-horse",
    });
  });

  it("keeps the server's pod as it is when the password changes", async () => {
    const podFor = async (password: string) =>
      only((await deployed({ password: pulumi.secret(password) })).resources, statefulSet).inputs;
    const before = await podFor("correct-horse");
    const after = await podFor("battery-staple");
    assert.deepEqual(before, after);
    assert.ok(!JSON.stringify(before).includes("database-credentials"));
  });

  it("tells its clients of a login only once the server has let it in", async () => {
    const { resources } = await deployed();
    const open = only(resources, job, "database-login-open");
    assert.deepEqual(open.inputs.spec.template.spec.containers[0].command, ["/etc/slipway/await-login.sh"]);
    // Its own way to the server included: an engine of network policies would keep it out until then.
    for (const name of ["database-login", "database", "database-clients", "database-access"])
      assert.ok(open.dependsOn.includes(name), name);
  });

  it("leaves the log of a login that is never let in, and of one that can't be closed, to be looked at", async () => {
    const { resources } = await deploy(() => new Database("database", args).closeEarlierLogins([], serving, 90));
    for (const [name, seconds] of [
      ["database-login-open", 300],
      ["database-login-close", 210],
    ] as const) {
      const { spec } = only(resources, job, name).inputs;
      assert.equal(spec.template.spec.activeDeadlineSeconds, seconds);
      assert.ok(spec.activeDeadlineSeconds > seconds, "the Job's deadline would delete the pod with its log");
    }
  });

  it("has nobody wait for its claim: once bound, the plugin would wait in vain for it to be unbound", async () => {
    const { metadata } = only((await deployed()).resources, claim).inputs;
    assert.equal(metadata.annotations["pulumi.com/skipAwait"], "true");
  });

  it("keeps nobody waiting for the Service's endpoint: clients wait for the server itself", async () => {
    const { resources } = await deployed();
    const { metadata } = only(resources, "kubernetes:core/v1:Service").inputs;
    assert.equal(metadata.annotations["pulumi.com/skipAwait"], "true");
    const { resources: withClient } = await deploy(() => {
      const { connection } = new Database("database", args);
      new k8s.core.v1.ConfigMap("client", { data: { user: connection.user } });
    });
    assert.ok(only(withClient, "kubernetes:core/v1:ConfigMap", "client").dependsOn.includes("database-login-open"));
  });

  it("closes earlier logins after its clients, and only when it is asked to", async () => {
    assert.ok((await deployed()).resources.every(({ name }) => name !== "database-login-close"));
    const { resources } = await deploy(() => {
      const client = new k8s.core.v1.ConfigMap("client");
      new Database("database", args).closeEarlierLogins([client], serving, 65);
    });
    const close = only(resources, job, "database-login-close");
    assert.deepEqual(close.inputs.spec.template.spec.containers[0].command, ["/etc/slipway/close-logins.sh"]);
    assert.ok(close.dependsOn.includes("client"));
    const { env } = close.inputs.spec.template.spec.containers[0];
    assert.equal(env.find(({ name }: { name: string }) => name === "DRAIN_SECONDS").value, "65");
  });

  it("lets the superuser in over the socket alone, and over the network nobody but the owner's logins", async () => {
    const { resources } = await deployed({ name: "orders" });
    assert.equal(
      only(resources, "kubernetes:core/v1:ConfigMap").inputs.data["pg_hba.conf"],
      'local all postgres peer\nhost "orders","orders_restoring",postgres +"orders" all scram-sha-256\n',
    );
    assert.match(
      JSON.stringify(only(resources, statefulSet).inputs.spec.template.spec.containers[0].args),
      /hba_file=\/etc\/slipway\/pg_hba\.conf/,
    );
  });

  it("fills a new volume with checksums, passwords as SCRAM, and a superuser whose password nobody knows", async () => {
    const [server] = only((await deployed()).resources, statefulSet).inputs.spec.template.spec.containers;
    const { value } = server.env.find(({ name }: { name: string }) => name === "POSTGRES_INITDB_ARGS");
    assert.equal(value, "--data-checksums --auth-local=peer --auth-host=scram-sha-256");
    assert.ok(server.command[2].startsWith("POSTGRES_PASSWORD=$(head -c 32 /dev/urandom | base64) exec "));
    assert.ok(server.env.every(({ name }: { name: string }) => name !== "POSTGRES_PASSWORD"));
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
    const jobs = resources.filter(({ type }) => type === job).map(({ inputs }) => inputs.spec.template.spec);
    for (const { containers, automountServiceAccountToken } of [pod, ...jobs]) {
      assert.equal(automountServiceAccountToken, false);
      for (const { securityContext, resources } of containers) {
        assert.deepEqual(securityContext, {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        });
        assert.deepEqual(Object.keys(resources).sort(), ["limits", "requests"]);
      }
    }
  });

  it("gives its containers nothing to write to but data, sockets and what is gone with the pod", async () => {
    const { resources } = await deployed();
    const pod = only(resources, statefulSet).inputs.spec.template.spec;
    const { containers } = only(resources, job).inputs.spec.template.spec;
    const writable = [...pod.containers, ...containers].map(({ name, volumeMounts }) => [
      name,
      ...volumeMounts.flatMap((mount: { name: string; readOnly?: boolean }) => (mount.readOnly ? [] : [mount.name])),
    ]);
    assert.deepEqual(writable, [
      ["postgres", "data", "sockets", "tmp", "shared-memory"],
      ["logins", "sockets"],
      ["psql"],
    ]);
    assert.deepEqual(
      pod.volumes.flatMap(({ emptyDir }: { emptyDir?: object }) => emptyDir ?? []),
      [{ sizeLimit: "16Mi" }, { sizeLimit: "256Mi" }, { medium: "Memory", sizeLimit: "64Mi" }],
    );
  });

  it("mounts the login for its group alone, and starts without one while that is exchanged", async () => {
    const { volumes } = only((await deployed()).resources, statefulSet).inputs.spec.template.spec;
    assert.deepEqual(volumes.find(({ name }: { name: string }) => name === "login").secret, {
      secretName: "database-login",
      defaultMode: 0o440,
      optional: true,
    });
  });

  it("lets its own Jobs in as clients", async () => {
    const { resources, result } = await deployed();
    const { labels } = only(resources, job).inputs.spec.template.metadata;
    assert.deepEqual(labels, {
      ...result.connection.clientLabels,
      "app.kubernetes.io/component": "database-login-open",
    });
  });

  it("lets in its clients only, and nothing out", async () => {
    const { resources, result } = await deployed();
    assert.deepEqual(only(resources, policy, "database-clients").inputs.spec, {
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

  it("lets its clients out to itself and to DNS, and nowhere else", async () => {
    const { resources, result } = await deployed();
    const { podSelector, policyTypes, egress } = only(resources, policy, "database-access").inputs.spec;
    assert.deepEqual(podSelector, { matchLabels: result.connection.clientLabels });
    assert.deepEqual(policyTypes, ["Egress"]);
    assert.deepEqual(egress[0].ports, [{ protocol: "TCP", port: 5432 }]);
    assert.equal(egress[0].to[0].podSelector.matchLabels["app.kubernetes.io/component"], "database");
    assert.deepEqual(egress[1].to, [
      { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } } },
    ]);
    assert.deepEqual(egress[1].ports, [
      { protocol: "UDP", port: 53 },
      { protocol: "TCP", port: 53 },
    ]);
    assert.equal(egress.length, 2);
  });

  it("tells its clients where it is and where the password lies", async () => {
    const { result } = await deployed({ name: "orders" });
    const { host, user, secret, ...rest } = result.connection;
    assert.equal(await resolved(host), "database");
    assert.equal(await resolved(user), "database-credentials-0a1b2c3d");
    assert.equal(await resolved(secret), "database-credentials-0a1b2c3d");
    assert.deepEqual(rest, {
      port: 5432,
      name: "orders",
      image: "postgres:17",
      clientLabels: { "slipway/database-client": "true" },
    });
  });
});
