import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { Backups, type BackupsArgs } from "../../components/backups.ts";
import { deploy, only } from "../deploy.ts";

const args: BackupsArgs = {
  namespace: "shop",
  image: "postgres:17",
  database: {
    host: pulumi.output("database"),
    port: 5432,
    name: "orders",
    user: pulumi.output("database-credentials-1"),
    secret: pulumi.output("database-credentials-1"),
    image: "postgres:17",
    clientLabels: { "slipway/database-client": "true" },
  },
  schedule: "0 3 * * *",
  keep: 5,
  storage: "40Gi",
  staleHours: 36,
};

const deployed = (overrides: Partial<BackupsArgs> = {}) =>
  deploy(() => new Backups("database-backups", { ...args, ...overrides }));
const claim = "kubernetes:core/v1:PersistentVolumeClaim";
const cronJob = "kubernetes:batch/v1:CronJob";

describe("Backups", () => {
  it("lie on a claim of their own, with a fixed name", async () => {
    const { resources } = await deployed({ storageClass: "cold" });
    const { metadata, spec } = only(resources, claim).inputs;
    assert.equal(metadata.name, "database-backups");
    assert.deepEqual(spec, {
      accessModes: ["ReadWriteOnce"],
      storageClassName: "cold",
      resources: { requests: { storage: "40Gi" } },
    });
  });

  it("outlive the setting that asked for them, and are protected where the environment says so", async () => {
    const plain = only((await deployed()).resources, claim);
    assert.deepEqual([plain.protect, plain.retainOnDelete], [false, true]);
    const kept = only((await deployed({ protect: true })).resources, claim);
    assert.deepEqual([kept.protect, kept.retainOnDelete], [true, true]);
  });

  it("are made on schedule, never two at once, and keep their failed Jobs to be looked at", async () => {
    const { spec, metadata } = only((await deployed()).resources, cronJob).inputs;
    const { schedule, timeZone, concurrencyPolicy, failedJobsHistoryLimit } = spec;
    assert.deepEqual(
      { schedule, timeZone, concurrencyPolicy, failedJobsHistoryLimit },
      { schedule: "0 3 * * *", timeZone: "Etc/UTC", concurrencyPolicy: "Forbid", failedJobsHistoryLimit: 3 },
    );
    assert.deepEqual(metadata.annotations, { "slipway/stale-hours": "36" });
  });

  it("that take too long leave their log: the pod's own deadline comes before the Job's, which would delete it", async () => {
    const { spec } = only((await deployed()).resources, cronJob).inputs.spec.jobTemplate;
    assert.equal(spec.template.spec.activeDeadlineSeconds, 6 * 3600);
    assert.ok(spec.activeDeadlineSeconds > 6 * 3600);
  });

  it("are made by the database's own image as one of its clients, with the password by reference", async () => {
    const { template } = only((await deployed()).resources, cronJob).inputs.spec.jobTemplate.spec;
    assert.equal(template.metadata.labels["slipway/database-client"], "true");
    const [container] = template.spec.containers;
    assert.equal(container.image, "postgres:17");
    assert.deepEqual(container.command, ["/etc/slipway/backup.sh"]);
    const env = Object.fromEntries(container.env.map((one: { name: string }) => [one.name, one]));
    assert.equal(env.KEEP.value, "5");
    assert.equal(env.PGDATABASE.value, "orders");
    assert.deepEqual(env.PGPASSWORD.valueFrom, { secretKeyRef: { name: "database-credentials-1", key: "password" } });
  });

  it("run with nothing that a restricted pod may not have", async () => {
    const { spec } = only((await deployed()).resources, cronJob).inputs.spec.jobTemplate.spec.template;
    assert.equal(spec.automountServiceAccountToken, false);
    assert.equal(spec.serviceAccountName, "database-backups-account-0a1b2c3d");
    assert.equal(spec.securityContext.runAsNonRoot, true);
    assert.deepEqual(spec.containers[0].securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    assert.equal(spec.containers[0].resources.limits.memory, "256Mi");
    const writable = spec.containers[0].volumeMounts.filter((mount: { readOnly?: boolean }) => !mount.readOnly);
    assert.deepEqual(
      writable.map(({ name }: { name: string }) => name),
      ["backups", "tmp"],
    );
    const scratch = spec.volumes.find(({ name }: { name: string }) => name === "tmp");
    assert.deepEqual(scratch.emptyDir, { sizeLimit: "64Mi" });
  });
});
