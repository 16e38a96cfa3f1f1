import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { clientVariables, clientVolumes } from "../../components/database/client.ts";
import { ExternalDatabase, type ExternalDatabaseArgs } from "../../components/external-database.ts";
import { deploy, only, resolved } from "../deploy.ts";

const args: ExternalDatabaseArgs = {
  namespace: "shop",
  host: "db.example.com",
  port: 5433,
  name: "orders",
  user: "shop",
  password: pulumi.secret("correct-horse"),
  addresses: ["10.0.0.5/32", "databases"],
  tls: { mode: "verify-full" },
};

const deployed = (overrides: Partial<ExternalDatabaseArgs> = {}) =>
  deploy(() => new ExternalDatabase("database", { ...args, ...overrides }));
const variables = async (overrides: Partial<ExternalDatabaseArgs> = {}) => {
  const { result } = await deployed(overrides);
  const entries = await Promise.all(clientVariables(result.connection).map((each) => resolved(pulumi.output(each))));
  return Object.fromEntries(entries.map(({ name, value, valueFrom }) => [name, value ?? valueFrom?.secretKeyRef]));
};

describe("ExternalDatabase", () => {
  it("creates only a Secret with the password, and the policy of its clients", async () => {
    const { resources } = await deployed();
    assert.deepEqual(resources.map(({ name }) => name).sort(), ["database", "database-access", "database-credentials"]);
    const { stringData } = only(resources, "kubernetes:core/v1:Secret").inputs;
    assert.ok(pulumi.runtime.isRpcSecret(stringData));
    assert.deepEqual(stringData.value, { password: "correct-horse" });
  });

  it("lets its clients reach its addresses on its port, and DNS, and nothing else", async () => {
    const { resources, result } = await deployed({ dns: ["169.254.20.10"] });
    const { spec } = only(resources, "kubernetes:networking.k8s.io/v1:NetworkPolicy").inputs;
    assert.deepEqual(spec.podSelector, { matchLabels: result.connection.clientLabels });
    assert.deepEqual(spec.policyTypes, ["Egress"]);
    assert.deepEqual(spec.egress[0], {
      to: [
        { ipBlock: { cidr: "10.0.0.5/32" } },
        { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "databases" } } },
      ],
      ports: [{ protocol: "TCP", port: 5433 }],
    });
    const ports = spec.egress.slice(1).flatMap(({ ports }: { ports: { port: number }[] }) => ports);
    assert.deepEqual(new Set(ports.map(({ port }: { port: number }) => port)), new Set([53]));
  });

  it("has the connection of a database in a container, with a checked certificate", async () => {
    const secret = { name: "database-credentials-0a1b2c3d", key: "password" };
    assert.deepEqual(await variables(), {
      PGHOST: "db.example.com",
      PGPORT: "5433",
      PGDATABASE: "orders",
      PGUSER: "shop",
      PGPASSWORD: secret,
      PGPASSWORD_URL: secret,
      PGSSLMODE: "verify-full",
      PGSSLROOTCERT: "system",
    });
    const { PGSSLMODE, PGSSLROOTCERT } = await variables({ tls: { mode: "require" } });
    assert.deepEqual([PGSSLMODE, PGSSLROOTCERT], ["require", undefined]);
  });

  it("mounts the authorities of its own for its clients", async () => {
    const tls = { mode: "verify-ca", ca: "-----BEGIN CERTIFICATE-----\n" };
    const { resources, result } = await deployed({ tls });
    assert.deepEqual(only(resources, "kubernetes:core/v1:ConfigMap").inputs.data, { "ca.crt": tls.ca });
    const { volumes, mounts } = clientVolumes(result.connection);
    assert.equal(await resolved(pulumi.output(volumes[0]?.configMap.name)), "database-authorities-0a1b2c3d");
    assert.deepEqual(mounts, [{ name: "database-authorities", mountPath: "/etc/slipway-database", readOnly: true }]);
    assert.equal((await variables({ tls })).PGSSLROOTCERT, "/etc/slipway-database/ca.crt");
    assert.deepEqual(clientVolumes((await deployed()).result.connection), { volumes: [], mounts: [] });
  });

  it("has the password percent-encoded as well, only if that differs", async () => {
    const password = pulumi.secret("a/b#c?d'e~f");
    const { resources } = await deployed({ password });
    assert.deepEqual(only(resources, "kubernetes:core/v1:Secret").inputs.stringData.value, {
      password: "a/b#c?d'e~f",
      url: "a%2Fb%23c%3Fd%27e~f",
    });
    const { PGPASSWORD, PGPASSWORD_URL } = await variables({ password });
    const name = "database-credentials-0a1b2c3d";
    assert.deepEqual(PGPASSWORD, { name, key: "password" });
    assert.deepEqual(PGPASSWORD_URL, { name, key: "url" });
  });
});
