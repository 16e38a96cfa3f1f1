import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Database, type DatabaseArgs } from "../../components/database.ts";
import { deploy, only, resolved } from "../deploy.ts";
import { assertRestricted } from "./shop.ts";

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
const policy = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
const claim = "kubernetes:core/v1:PersistentVolumeClaim";
const serverPod = async () => only((await deployed()).resources, statefulSet).inputs.spec.template.spec;
const named = <T extends { name: string }>(list: T[], name: string) => list.find((each) => each.name === name);

describe("Database", () => {
  it("keeps its data on one claim with a fixed name, and names a storage class only if one is set", async () => {
    const { resources } = await deployed();
    const { metadata, spec } = only(resources, claim).inputs;
    assert.equal(metadata.name, "database-data");
    assert.deepEqual(spec, { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "5Gi" } } });
    const server = only(resources, statefulSet).inputs.spec;
    assert.equal(server.volumeClaimTemplates, undefined);
    assert.equal(server.replicas, 1);
    assert.deepEqual(named(server.template.spec.volumes, "data"), {
      name: "data",
      persistentVolumeClaim: { claimName: "database-data" },
    });
    const fast = (await deployed({ storageClass: "fast" })).resources;
    assert.equal(only(fast, claim).inputs.spec.storageClassName, "fast");
  });

  it("protects and retains the claim, and nothing else, if the environment is protected", async () => {
    const retained = async (protect: boolean) =>
      (await deployed({ protect })).resources
        .filter((each) => each.protect || each.retainOnDelete)
        .map((each) => [each.name, each.protect, each.retainOnDelete]);
    assert.deepEqual(await retained(true), [["database-data", true, true]]);
    assert.deepEqual(await retained(false), []);
  });

  it("keeps the password in Secrets, one of which names the login after it", async () => {
    const { resources } = await deployed();
    for (const { type, inputs } of resources)
      if (type !== secret) assert.ok(!JSON.stringify(inputs ?? {}).includes("correct-horse"), type);
    const password = "correct-horse";
    assert.deepEqual(only(resources, secret, "database-credentials").inputs.stringData.value, { password });
    assert.deepEqual(only(resources, secret, "database-login").inputs.stringData.value, {
      user: "database-credentials-0a1b2c3d",
      password,
    });
  });

  it("leaves the server's pod unchanged when the password changes", async () => {
    const serverWith = async (password: string) =>
      only((await deployed({ password: pulumi.secret(password) })).resources, statefulSet).inputs;
    const before = await serverWith("correct-horse");
    assert.deepEqual(before, await serverWith("battery-staple"));
    assert.ok(!JSON.stringify(before).includes("database-credentials"));
  });

  it("gives its clients a login only once the server accepts it", async () => {
    const { resources } = await deploy(() => {
      const { connection } = new Database("database", args);
      new k8s.core.v1.ConfigMap("client", { data: { user: connection.user } });
    });
    assert.ok(only(resources, "kubernetes:core/v1:ConfigMap", "client").dependsOn.includes("database-login-open"));
    const open = only(resources, job, "database-login-open");
    assert.deepEqual(open.inputs.spec.template.spec.containers[0].command, ["/etc/slipway/await-login.sh"]);
    // Including its own network policy: until it exists, the Job cannot reach the server.
    for (const name of ["database-login", "database", "database-clients", "database-access"])
      assert.ok(open.dependsOn.includes(name), name);
  });

  it("closes earlier logins after its clients changed, and only on request", async () => {
    assert.ok((await deployed()).resources.every(({ name }) => name !== "database-login-close"));
    const { resources } = await deploy(() => {
      const client = new k8s.core.v1.ConfigMap("client");
      new Database("database", args).closeEarlierLogins([client], pulumi.output("web"), 90);
    });
    const close = only(resources, job, "database-login-close");
    assert.ok(close.dependsOn.includes("client"));
    const [{ command, env }] = close.inputs.spec.template.spec.containers;
    assert.deepEqual(command, ["/etc/slipway/close-logins.sh"]);
    assert.deepEqual(named(env, "DRAIN_SECONDS"), { name: "DRAIN_SECONDS", value: "90" });
    for (const [name, seconds] of [
      ["database-login-open", 300],
      ["database-login-close", 210],
    ] as const) {
      const { spec } = only(resources, job, name).inputs;
      assert.equal(spec.template.spec.activeDeadlineSeconds, seconds);
      assert.ok(spec.activeDeadlineSeconds > seconds, "the Job's deadline would delete the pod with its log");
    }
  });

  it("waits neither for a claim to be unbound nor for the Service's endpoint", async () => {
    const { resources } = await deployed();
    for (const type of [claim, "kubernetes:core/v1:Service"])
      assert.equal(only(resources, type).inputs.metadata.annotations["pulumi.com/skipAwait"], "true", type);
  });

  it("accepts the superuser on the socket only, and over the network the owner's logins only", async () => {
    const { resources } = await deployed({ name: "orders" });
    assert.equal(
      only(resources, "kubernetes:core/v1:ConfigMap").inputs.data["pg_hba.conf"],
      'local all postgres peer\nhost "orders","orders_restoring",postgres +"orders" all scram-sha-256\n',
    );
    const [postgres] = only(resources, statefulSet).inputs.spec.template.spec.containers;
    assert.ok(postgres.args.includes("hba_file=/etc/slipway/pg_hba.conf"));
  });

  it("has further databases before it opens a login, and waits for each of them", async () => {
    const { resources } = await deployed({ name: "orders", databases: ["queue", "cache"] });
    const { data } = only(resources, "kubernetes:core/v1:ConfigMap").inputs;
    assert.match(data["pg_hba.conf"], /^host "orders","orders_restoring","queue","cache",postgres \+"orders" all /m);
    assert.match(data["logins.sql"], /CREATE DATABASE[\s\S]*CREATE ROLE %I IN ROLE/);
    const variable = { name: "DATABASES", value: "queue cache" };
    const [, logins] = only(resources, statefulSet).inputs.spec.template.spec.containers;
    assert.deepEqual(named(logins.env, "DATABASES"), variable);
    const [container] = only(resources, job).inputs.spec.template.spec.containers;
    assert.deepEqual(container.command, ["/etc/slipway/await-databases.sh"]);
    assert.deepEqual(named(container.env, "DATABASES"), variable);
  });

  it("has no variable and no script for further databases without any: they would restart every server", async () => {
    const { resources } = await deployed();
    assert.doesNotMatch(JSON.stringify(resources.map(({ inputs }) => inputs ?? {})), /DATABASES|databases\.sh/);
  });

  it("keeps the password as it is written in a URL under a key of its own, only if that differs", async () => {
    const { resources, result } = await deployed({ password: pulumi.secret("correct/horse") });
    assert.deepEqual(only(resources, secret, "database-credentials").inputs.stringData.value, {
      password: "correct/horse",
      url: "correct%2Fhorse",
    });
    assert.equal(await resolved(result.connection.urlKey), "url");
  });

  it("initialises a volume with checksums, SCRAM passwords, and a random password for the superuser", async () => {
    const [{ env, command }] = (await serverPod()).containers;
    const arguments_ = "--data-checksums --auth-local=peer --auth-host=scram-sha-256";
    assert.equal(named<{ name: string; value?: string }>(env, "POSTGRES_INITDB_ARGS")?.value, arguments_);
    assert.ok(command[2].startsWith("POSTGRES_PASSWORD=$(head -c 32 /dev/urandom | base64) exec "));
    assert.equal(named(env, "POSTGRES_PASSWORD"), undefined);
  });

  it("runs in restricted pods, which write to data, sockets and temporary volumes only", async () => {
    const pod = await serverPod();
    const written = ["data", "sockets", "tmp", "shared-memory", "sockets"];
    assertRestricted(pod, 999, written);
    assertRestricted(only((await deployed()).resources, job).inputs.spec.template.spec, 999, []);
    assert.deepEqual(
      pod.volumes.flatMap(({ emptyDir }: { emptyDir?: object }) => emptyDir ?? []),
      [{ sizeLimit: "16Mi" }, { sizeLimit: "256Mi" }, { medium: "Memory", sizeLimit: "64Mi" }],
    );
    // Readable by the group only, and optional: the server starts even while the Secret is replaced.
    assert.deepEqual(named<{ name: string; secret?: object }>(pod.volumes, "login")?.secret, {
      secretName: "database-login",
      defaultMode: 0o440,
      optional: true,
    });
  });

  it("allows traffic from its clients only, and its clients reach it and DNS only", async () => {
    const { resources, result } = await deployed();
    const { clientLabels } = result.connection;
    const { labels } = only(resources, job).inputs.spec.template.metadata;
    assert.deepEqual(labels, { ...clientLabels, "app.kubernetes.io/component": "database-login-open" });
    const server = {
      matchLabels: { "app.kubernetes.io/name": "database", "app.kubernetes.io/component": "database" },
    };
    const ports = [{ protocol: "TCP", port: 5432 }];
    assert.deepEqual(only(resources, policy, "database-clients").inputs.spec, {
      podSelector: server,
      policyTypes: ["Ingress", "Egress"],
      ingress: [{ from: [{ podSelector: { matchLabels: clientLabels } }], ports }],
    });
    const kubeSystem = { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } };
    const dns = ["UDP", "TCP"].map((protocol) => ({ protocol, port: 53 }));
    assert.deepEqual(only(resources, policy, "database-access").inputs.spec, {
      podSelector: { matchLabels: clientLabels },
      policyTypes: ["Egress"],
      egress: [
        { to: [{ podSelector: server }], ports },
        { to: [{ namespaceSelector: kubeSystem }], ports: dns },
      ],
    });
  });

  it("connects its clients by name, with the password by reference", async () => {
    const { host, user, secret, urlKey, ...rest } = (await deployed({ name: "orders" })).result.connection;
    assert.deepEqual(await Promise.all([host, user, secret, urlKey].map(resolved)), [
      "database",
      "database-credentials-0a1b2c3d",
      "database-credentials-0a1b2c3d",
      "password",
    ]);
    assert.deepEqual(rest, {
      port: 5432,
      name: "orders",
      image: "postgres:17",
      clientLabels: { "slipway/database-client": "true" },
    });
  });
});
