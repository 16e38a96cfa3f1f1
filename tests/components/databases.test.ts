import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type DatabasesArgs, startDatabase } from "../../components/databases.ts";
import { deploy, only } from "../deploy.ts";

const resources = { cpu: "100m", cpuLimit: "1", memory: "256Mi" };
const database = { image: "postgres:17", password: pulumi.secret("correct-horse"), storage: "5Gi", resources };
const backups = { image: "postgres:17", schedule: "0 3 * * *", keep: 7, storage: "5Gi", staleHours: 36 };
const external = {
  host: "db.example.com",
  port: 5432,
  name: "orders",
  user: "shop",
  password: pulumi.secret("correct-horse"),
  addresses: ["10.0.0.5/32"],
  tls: { mode: "verify-full" },
};

/** Starts a database, and closes its earlier logins after one client. */
const started = (args: DatabasesArgs) =>
  deploy(() => {
    const client = new k8s.core.v1.ConfigMap("client");
    const { connection, closeEarlierLogins } = startDatabase("shop", args, {});
    closeEarlierLogins([client], pulumi.output("web"), 30);
    return connection;
  });

describe("The database of an application", () => {
  it("closes its earlier logins once clients and backups use the new one", async () => {
    const { resources } = await started({ database, backups });
    const { dependsOn } = only(resources, "kubernetes:batch/v1:Job", "database-login-close");
    for (const name of ["client", "database-backups"]) assert.ok(dependsOn.includes(name), `${name} of ${dependsOn}`);
  });

  it("has no backups unless they are set", async () => {
    const { resources } = await started({ database });
    assert.ok(resources.every(({ type }) => !type.endsWith(":CronJob")));
  });

  it("is only connected to if it is elsewhere, and closes no logins there", async () => {
    const { resources, result } = await started({ external });
    assert.ok(resources.every(({ type }) => !/:(Job|StatefulSet|PersistentVolumeClaim)$/.test(type)));
    assert.equal(result?.name, "orders");
  });

  it("need not exist", async () => {
    const { resources, result } = await started({});
    assert.deepEqual([resources.map(({ name }) => name), result], [["client"], undefined]);
  });
});
