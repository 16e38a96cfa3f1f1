import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as k8s from "@pulumi/kubernetes";
import { inAccount } from "../aws.ts";
import { stackFiles } from "../releases/stack-files.ts";
import { amazonFor } from "../review/amazon.ts";
import { record } from "../review/record.ts";
import { engineConfig, render } from "../review/render.ts";
import { checkSettings } from "../settings.ts";
import { rendered } from "./review/committed.ts";

/** Files of a package that are loaded while a process of its own renders a stack. */
async function loaded(stack: string, folder: string): Promise<string[]> {
  const script = `
    const { createRequire } = await import("node:module");
    const { stackFiles } = await import("./releases/stack-files.ts");
    const { render } = await import("./review/render.ts");
    await render(stackFiles().find((file) => file.stack === ${JSON.stringify(stack)}));
    console.log(JSON.stringify(Object.keys(createRequire(process.cwd() + "/").cache)));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script]);
  return (JSON.parse(stdout.trim().split("\n").at(-1) ?? "[]") as string[]).filter((file) => file.includes(folder));
}

describe("The package for AWS", () => {
  it("is loaded by the stacks that use it alone", async () => {
    const using = stackFiles()
      .filter(({ config }) => "aws:region" in config)
      .map(({ stack }) => stack);
    assert.ok(using.length > 0 && !using.includes("dev"));
    const [dev, other] = await Promise.all(["dev", using[0] ?? ""].map((stack) => loaded(stack, "/@pulumi/aws/")));
    assert.deepEqual(dev, []);
    assert.ok(other && other.length > 0);
  });
});

describe("An environment in AWS", () => {
  for (const stack of ["staging", "prod"])
    it(`${stack} is served, and keeps its data, by what AWS made for it`, async () => {
      const resources = await rendered(stack);
      // biome-ignore lint/suspicious/noExplicitAny: objects of any kind
      const one = (kind: string, name: string): any =>
        resources.find((each) => `${each.kind} ${each.name}` === `${kind} ${name}`)?.object;
      assert.equal(one("PersistentVolumeClaim", "database-data").spec.storageClassName, "gp3");
      assert.equal(one("Ingress", "web").spec.ingressClassName, "slipway");
      assert.equal(one("aws Record", "edge").aliases[0].name, "load-balancer.elb.amazonaws.com");
      const egress = one("NetworkPolicy", "app-dns").spec.egress;
      assert.deepEqual(egress[1].to, [{ ipBlock: { cidr: "172.20.0.10/32" } }]);
      assert.deepEqual(egress[1].ports, egress[0].ports);
    });

  it("makes the cluster before the class, the class before the claim, and all of it before the application", async () => {
    const resources = await rendered("prod");
    const behind = (name: string): readonly string[] =>
      resources.filter((each) => each.name === name).flatMap(({ dependsOn = [] }) => dependsOn);
    assert.ok(behind("database-data").includes("storage-gp3"));
    assert.ok(behind("web").includes("edge-class"));
    assert.ok(behind("cluster").includes("cluster-admin-0"), "the provider waits until it is let in");
  });

  it("says where its data stays, in words that list it", async () => {
    const file = stackFiles().find(({ stack }) => stack === "prod");
    assert.ok(file);
    const { config, encrypted } = engineConfig(file);
    const { settings, account } = checkSettings(config, encrypted);
    assert.ok(settings && account);
    const { result } = await record(
      async () => (await inAccount(account, settings)).furnish(new k8s.Provider("cluster")).volumes,
      { stack: "prod", answers: amazonFor(file) },
    );
    assert.deepEqual(result, {
      account: "333344445555",
      region: "eu-north-1",
      list:
        "aws ec2 describe-volumes --region eu-north-1 --filters Name=tag:SlipwayCluster,Values=slipway-prod; " +
        "aws ec2 describe-snapshots --owner-ids 333344445555 --region eu-north-1 --filters Name=tag:SlipwayCluster,Values=slipway-prod",
    });
  });

  it("keeps what holds the data where the environment is protected, and nothing that can be made again", async () => {
    const kept = (await rendered("prod"))
      .filter(({ options }) => options.protect)
      .map(({ kind, name }) => `${kind} ${name}`);
    for (const one of [
      "PersistentVolumeClaim database-data",
      "aws Cluster cluster",
      "aws Key cluster-secrets",
      "aws Vpc network",
    ])
      assert.ok(kept.includes(one), one);
    assert.ok(!kept.some((one) => /Deployment|NatGateway|Record/.test(one)));
  });

  it("makes no cluster, network or class where one is there already", async () => {
    const file = stackFiles().find(({ stack }) => stack === "prod");
    assert.ok(file);
    const eks = { account: "333344445555", existing: "shared" };
    const resources = await render({ ...file, config: { ...file.config, "slipway:cluster": { eks } } });
    const kinds = new Set(resources.map(({ kind }) => kind));
    assert.ok(kinds.has("kubernetes provider") && kinds.has("Deployment"));
    assert.deepEqual(
      [...kinds].filter((kind) => /^aws (?!provider)|StorageClass|IngressClass/.test(kind)),
      [],
    );
  });
});
