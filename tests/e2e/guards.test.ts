import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { parse, stringify } from "yaml";
import { Project } from "./project.ts";

/** A step of a preview, as `pulumi preview --json` has it. */
interface Step {
  readonly op: string;
  readonly urn: string;
}

describe("The data of an environment, end to end", () => {
  const project = new Project("guards");

  // biome-ignore lint/suspicious/noExplicitAny: settings of any shape
  const refused = async (change: (config: any) => void): Promise<string> => {
    const path = project.path(`Pulumi.${project.stack}.yaml`);
    const before = readFileSync(path, "utf8");
    project.configure(change);
    const { code, stdout, stderr } = await project.preview();
    writeFileSync(path, before);
    assert.notEqual(code, 0, stdout);
    return stdout + stderr;
  };

  /** What an ordinary change does to the claim and to the StatefulSet. */
  // biome-ignore lint/suspicious/noExplicitAny: settings of any shape
  const effect = async (change: (config: any) => void): Promise<Record<string, string>> => {
    project.configure(change);
    const { steps } = JSON.parse(await project.ok("preview", "--json", "--stack", project.stack)) as { steps: Step[] };
    // What stays as it is has no step.
    const op = (kind: string) => steps.find(({ urn }) => urn.includes(kind))?.op ?? "same";
    return { claim: op("PersistentVolumeClaim::database-data"), server: op("StatefulSet::database") };
  };

  const volume = () => project.kubectl("get", "pvc", "database-data", "--output", "jsonpath={.spec.volumeName}");

  before(async () => {
    project.configure((config) => {
      config["slipway:database"].protect = true;
      config["slipway:web"].replicas = 1;
    });
    await project.create();
    await project.up();
  });

  after(async () => {
    await project.pulumi("state", "unprotect", "--all", "--yes", "--stack", project.stack);
    project.configure((config) => {
      config["slipway:database"].protect = false;
    });
    await project.pulumi("up", "--yes", "--skip-preview", "--stack", project.stack);
    await project.remove();
  });

  it("is named in the refusal of each change that would lose it, at preview", async () => {
    const database = "slipway:database";
    const cases: [RegExp, Parameters<typeof refused>[0]][] = [
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
      const output = await refused(change);
      assert.match(output, reason);
      assert.match(output, /stack guards would lose its protected data: the database app on the claim database-data/);
      assert.match(output, /Nothing was changed/);
    }
  });

  it("is not replaced or deleted by any update, whatever the cause, and the refusal says what does that", async () => {
    const { deployment } = JSON.parse(await project.ok("stack", "export", "--stack", project.stack));
    const urnOf = (end: string) =>
      (deployment.resources as { urn: string }[]).find(({ urn }) => urn.endsWith(end))?.urn ?? assert.fail(end);
    const named = {
      "claim database-data": urnOf("PersistentVolumeClaim::database-data"),
      "namespace app": urnOf("core/v1:Namespace::app"),
      "cluster cluster": urnOf("pulumi:providers:kubernetes::cluster"),
    };
    for (const [label, urn] of Object.entries(named)) {
      const { code, stdout, stderr } = await project.preview("--replace", urn);
      assert.notEqual(code, 0, stdout);
      assert.match(stdout + stderr, new RegExp(`would lose what it keeps.*${label} would be replaced`, "s"));
      assert.match(stdout + stderr, /pulumi destroy --stack guards, then pulumi up --stack guards/);
    }
    // A program that calls it something else, or makes it otherwise.
    const changes: [reason: string, file: string, from: string, to: string][] = [
      ["replaced", "components/database/claim.ts", '"ReadWriteOnce"', '"ReadWriteMany"'],
      ["deleted", "components/database.ts", "name}-data`", "name}-volume`"],
    ];
    for (const [what, file, from, to] of changes) {
      project.edit(file, (text) => text.replaceAll(from, to));
      const { code, stdout, stderr } = await project.preview();
      project.edit(file, (text) => text.replaceAll(to, from));
      assert.notEqual(code, 0, stdout);
      assert.match(stdout + stderr, new RegExp(`would lose what it keeps.*claim database-data would be ${what}`, "s"));
    }
    assert.match(await volume(), /^pvc-/);
  });

  it("stays where it is if the same cluster is reached by another kubeconfig", async () => {
    const config = parse(readFileSync(project.env.KUBECONFIG ?? "", "utf8"));
    // As minikube writes it.
    config.clusters[0].cluster.extensions = [{ name: "cluster_info", extension: { provider: "minikube.sigs.k8s.io" } }];
    const path = project.path("other.kubeconfig");
    writeFileSync(path, stringify(config));
    const before = project.env.KUBECONFIG;
    try {
      project.env.KUBECONFIG = path;
      const { steps } = JSON.parse(await project.ok("preview", "--json", "--stack", project.stack)) as {
        steps: Step[];
      };
      assert.deepEqual(
        steps.filter(({ op }) => !["same", "update"].includes(op)),
        [],
      );
      assert.deepEqual(await effect(() => {}), { claim: "same", server: "same" });
    } finally {
      project.env.KUBECONFIG = before ?? "";
    }
  });

  it("is not destroyed, and the refusal names the claim", async () => {
    for (const args of [["--preview-only"], ["--yes"]]) {
      const { code, stdout, stderr } = await project.pulumi("destroy", "--stack", project.stack, ...args);
      assert.notEqual(code, 0, stdout);
      assert.match(stdout + stderr, /PersistentVolumeClaim::database-data.*protected/s);
    }
    assert.match(await volume(), /^pvc-/);
    assert.match(await project.kubectl("get", "pods"), /database-0 +2\/2 +Running/);
  });

  it("stays where it is in every ordinary change", async () => {
    const password = ["config", "set", "--secret", "databasePassword", "another-one", "--stack", project.stack];
    await project.ok(...password);
    assert.deepEqual(await effect(() => {}), { claim: "same", server: "same" });
    assert.deepEqual(
      await effect((config) => {
        config["slipway:web"].environment.LOG_LEVEL = "debug";
      }),
      { claim: "same", server: "same" },
    );
    assert.deepEqual(
      await effect((config) => {
        config["slipway:database"].resources = { memory: "320Mi" };
      }),
      { claim: "same", server: "update" },
    );
    assert.deepEqual(
      await effect((config) => {
        config["slipway:database"].image = "postgres:17.9";
      }),
      { claim: "same", server: "update" },
    );
    project.configure((config) => {
      config["slipway:database"].image = "postgres:17";
      config["slipway:database"].resources = undefined;
    });
  });

  it("is told at once that its volume can't grow, if its class never does it", async () => {
    const output = await refused((config) => {
      config["slipway:database"].storage = "2Gi";
    });
    assert.match(
      output,
      /a volume can't grow; nothing was changed.*slipway:database\.storage is 2Gi, it was 1Gi: claim database-data can't grow, its storage class local-path never does it/s,
    );
  });

  it("goes by destroy alone where it is not protected", async () => {
    project.configure((config) => {
      config["slipway:database"].protect = false;
    });
    await project.up();
    const output = await refused((config) => {
      config["slipway:database"].storageClass = "other";
    });
    assert.match(output, /would lose its data.*pulumi destroy --stack guards/s);
    await project.ok("destroy", "--yes", "--skip-preview", "--stack", project.stack);
    await assert.rejects(volume(), /not found/);
  });
});
