import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { parse, stringify } from "yaml";
import { type Change, Project } from "./project.ts";

const database = "slipway:database";

describe("The data of an environment, end to end", () => {
  const project = new Project("guards");

  /** Operations of a preview on the claim and on the StatefulSet. */
  const effect = async (): Promise<Record<string, string>> => {
    const steps = await project.steps();
    // An unchanged resource has no step.
    const op = (kind: string) => steps.find(({ urn }) => urn.includes(kind))?.op ?? "same";
    return { claim: op("PersistentVolumeClaim::database-data"), server: op("StatefulSet::database") };
  };

  const volume = () => project.field("pvc/database-data", ".spec.volumeName");

  before(async () => {
    project.set("database", { protect: true });
    await project.deploy({ replicas: 1 });
  });

  after(async () => {
    await project.pulumi("state", "unprotect", "--all", "--yes", "--stack", project.stack);
    project.set("database", { protect: false });
    await project.pulumi("up", "--yes", "--skip-preview", "--stack", project.stack);
    await project.remove();
  });

  it("is named in the preview that refuses a change which would lose it", async () => {
    const cases: [RegExp, Change][] = [
      [/storage is 512Mi, it was 1Gi: a volume can grow, never shrink/, (c) => (c[database].storage = "512Mi")],
      [/storageClass is other, it was not set: .*replaced/, (c) => (c[database].storageClass = "other")],
      [/version is 18, it was 17: .*cannot read/, (c) => (c[database].image = "postgres:18")],
      [/name is orders, it was app/, (c) => (c[database].name = "orders")],
      [/namespace is elsewhere, it was noticeboard-guards/, (c) => (c["slipway:namespace"] = "elsewhere")],
      [
        /slipway:database is gone/,
        (c) => {
          delete c[database];
          delete c["slipway:databasePassword"];
        },
      ],
    ];
    for (const [reason, change] of cases) {
      const output = await project.refusedPreview(change);
      assert.match(output, reason);
      assert.match(output, /stack guards would lose its protected data: the database app on the claim database-data/);
      assert.match(output, /Nothing was changed/);
    }
  });

  it("is not replaced or deleted by any update, and the refusal names the command that does it", async () => {
    const { resources } = await project.deployment();
    const urnOf = (end: string) =>
      (resources as { urn: string }[]).find(({ urn }) => urn.endsWith(end))?.urn ?? assert.fail(end);
    const named = {
      "claim database-data": urnOf("PersistentVolumeClaim::database-data"),
      "namespace app": urnOf("core/v1:Namespace::app"),
      "cluster cluster": urnOf("pulumi:providers:kubernetes::cluster"),
    };
    for (const [label, urn] of Object.entries(named)) {
      const output = await project.failingPreview("--replace", urn);
      assert.match(output, new RegExp(`would lose what it keeps.*${label} would be replaced`, "s"));
      assert.match(output, /pulumi destroy --stack guards, then pulumi up --stack guards/);
    }
    // A program with another name for the claim, or with another claim.
    const changes: [operation: string, file: string, from: string, to: string][] = [
      ["replaced", "components/database/claim.ts", '"ReadWriteOnce"', '"ReadWriteMany"'],
      ["deleted", "components/database.ts", "name}-data`", "name}-volume`"],
    ];
    for (const [operation, file, from, to] of changes) {
      project.edit(file, (text) => text.replaceAll(from, to));
      const output = await project.failingPreview();
      project.edit(file, (text) => text.replaceAll(to, from));
      assert.match(output, new RegExp(`would lose what it keeps.*claim database-data would be ${operation}`, "s"));
    }
    assert.match(await volume(), /^pvc-/);
  });

  it("stays if another kubeconfig leads to the same cluster", async () => {
    const config = parse(readFileSync(project.env.KUBECONFIG ?? "", "utf8"));
    // minikube adds this.
    config.clusters[0].cluster.extensions = [{ name: "cluster_info", extension: { provider: "minikube.sigs.k8s.io" } }];
    const path = project.path("other.kubeconfig");
    writeFileSync(path, stringify(config));
    const before = project.env.KUBECONFIG;
    try {
      project.env.KUBECONFIG = path;
      const steps = await project.steps();
      assert.deepEqual(
        steps.filter(({ op }) => !["same", "update"].includes(op)),
        [],
      );
      assert.deepEqual(await effect(), { claim: "same", server: "same" });
    } finally {
      project.env.KUBECONFIG = before ?? "";
    }
  });

  it("is not destroyed, and the refusal names the claim", async () => {
    for (const args of [["--preview-only"], ["--yes"]]) {
      const output = await project.fails("destroy", "--stack", project.stack, ...args);
      assert.match(output, /PersistentVolumeClaim::database-data.*protected/s);
    }
    assert.match(await volume(), /^pvc-/);
    assert.match(await project.kubectl("get", "pods"), /database-0 +2\/2 +Running/);
  });

  it("stays in every ordinary change", async () => {
    await project.setSecret("databasePassword", "another-one");
    assert.deepEqual(await effect(), { claim: "same", server: "same" });
    project.set("web.environment", { LOG_LEVEL: "debug" });
    assert.deepEqual(await effect(), { claim: "same", server: "same" });
    project.set("database", { resources: { memory: "320Mi" } });
    assert.deepEqual(await effect(), { claim: "same", server: "update" });
    project.set("database", { image: "postgres:17.9" });
    assert.deepEqual(await effect(), { claim: "same", server: "update" });
    project.set("database", { image: "postgres:17", resources: undefined });
  });

  it("refuses a larger volume at once if its storage class can't grow", async () => {
    const output = await project.refusedPreview((c) => (c[database].storage = "2Gi"));
    assert.match(
      output,
      /a volume can't grow; nothing was changed.*slipway:database\.storage is 2Gi, it was 1Gi: claim database-data can't grow, its storage class local-path never does it/s,
    );
  });

  it("is deleted only by destroy if it is not protected", async () => {
    project.set("database", { protect: false });
    await project.up();
    const output = await project.refusedPreview((c) => (c[database].storageClass = "other"));
    assert.match(output, /would lose its data.*pulumi destroy --stack guards/s);
    await project.ok("destroy", "--yes", "--skip-preview", "--stack", project.stack);
    await assert.rejects(volume(), /not found/);
  });
});
