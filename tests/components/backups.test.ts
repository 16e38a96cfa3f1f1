import assert from "node:assert/strict";
import { Backups, type BackupsArgs } from "../../components/backups.ts";
import { deploy, only } from "../deploy.ts";
import { assertRestricted, connection } from "./shop.ts";

const args: BackupsArgs = {
  namespace: "shop",
  image: "postgres:17",
  database: connection,
  schedule: "0 3 * * *",
  keep: 5,
  storage: "40Gi",
  staleHours: 36,
};

const claimOf = async (overrides: Partial<BackupsArgs> = {}) => {
  const { resources } = await deploy(() => new Backups("database-backups", { ...args, ...overrides }));
  return only(resources, "kubernetes:core/v1:PersistentVolumeClaim");
};
const cronJob = async () => {
  const { resources } = await deploy(() => new Backups("database-backups", args));
  return only(resources, "kubernetes:batch/v1:CronJob").inputs;
};

describe("Backups", () => {
  it("are on a claim of their own, with a fixed name", async () => {
    const { metadata, spec } = (await claimOf({ storageClass: "cold" })).inputs;
    assert.equal(metadata.name, "database-backups");
    assert.deepEqual(spec, {
      accessModes: ["ReadWriteOnce"],
      storageClassName: "cold",
      resources: { requests: { storage: "40Gi" } },
    });
  });

  it("outlive the setting that asked for them, and are protected if the environment is", async () => {
    for (const protect of [false, true]) {
      const claim = await claimOf({ protect });
      assert.deepEqual([claim.protect, claim.retainOnDelete], [protect, true]);
    }
  });

  it("are made on schedule, never two at once, and keep failed Jobs for inspection", async () => {
    const { spec, metadata } = await cronJob();
    const { schedule, timeZone, concurrencyPolicy, failedJobsHistoryLimit } = spec;
    assert.deepEqual(
      { schedule, timeZone, concurrencyPolicy, failedJobsHistoryLimit },
      { schedule: "0 3 * * *", timeZone: "Etc/UTC", concurrencyPolicy: "Forbid", failedJobsHistoryLimit: 3 },
    );
    assert.deepEqual(metadata.annotations, { "slipway/stale-hours": "36" });
  });

  it("keep their log after their deadline: the pod's comes before the Job's, which would delete it", async () => {
    const { spec } = (await cronJob()).spec.jobTemplate;
    assert.equal(spec.template.spec.activeDeadlineSeconds, 6 * 3600);
    assert.ok(spec.activeDeadlineSeconds > 6 * 3600);
  });

  it("run the database's image as one of its clients, with the password by reference", async () => {
    const { template } = (await cronJob()).spec.jobTemplate.spec;
    assert.equal(template.metadata.labels["slipway/database-client"], "true");
    const [container] = template.spec.containers;
    assert.equal(container.image, "postgres:17");
    assert.deepEqual(container.command, ["/etc/slipway/backup.sh"]);
    const env = Object.fromEntries(container.env.map((each: { name: string }) => [each.name, each]));
    assert.equal(env.KEEP.value, "5");
    assert.equal(env.PGDATABASE.value, "orders");
    assert.deepEqual(env.PGPASSWORD.valueFrom, { secretKeyRef: { name: "database-credentials-1", key: "password" } });
  });

  it("run in a restricted pod, and write to their volume and a small temporary one only", async () => {
    const { spec } = (await cronJob()).spec.jobTemplate.spec.template;
    assertRestricted(spec, 999, ["backups", "tmp"]);
    assert.equal(spec.serviceAccountName, "database-backups-account-0a1b2c3d");
    assert.equal(spec.containers[0].resources.limits.memory, "256Mi");
    const temporary = spec.volumes.find(({ name }: { name: string }) => name === "tmp");
    assert.deepEqual(temporary.emptyDir, { sizeLimit: "64Mi" });
  });
});
