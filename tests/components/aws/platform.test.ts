import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { captureResources } from "../../../commands/environments/capture-resources.ts";
import { engineConfig, outputs, render } from "../../../commands/environments/render.ts";
import { simulatedWorld } from "../../../commands/environments/simulated-world.ts";
import deploy from "../../../index.ts";
import { fileOf, rendered } from "../../commands/environments/committed.ts";

describe("The package for AWS", () => {
  it("is no part of what dev asks the engine for", async () => {
    assert.deepEqual(
      (await rendered("dev")).filter(({ kind }) => kind.startsWith("aws ")),
      [],
    );
  });
});

describe("The account", () => {
  it("is checked before anything else is asked, and before anything is made", async () => {
    const { config, encrypted } = engineConfig(fileOf("prod"));
    const asked: string[] = [];
    const identity = () => ({ accountId: "999900001111", arn: "arn:aws:iam::999900001111:user/me" });
    const get = (_: object, token: string | symbol) => {
      asked.push(String(token));
      return identity;
    };
    const secretKeys = process.env.PULUMI_CONFIG_SECRET_KEYS ?? "[]";
    process.env.PULUMI_CONFIG_SECRET_KEYS = JSON.stringify(encrypted);
    pulumi.runtime.setAllConfig(config, encrypted);
    try {
      await assert.rejects(
        captureResources(() => deploy(simulatedWorld), { stack: "prod", answers: new Proxy({}, { get }) }),
        /^Error: slipway:cluster\.eks\.account names the AWS account 333344445555, but the credentials are of account 99990/,
      );
    } finally {
      process.env.PULUMI_CONFIG_SECRET_KEYS = secretKeys;
      pulumi.runtime.setAllConfig({}, []);
    }
    assert.deepEqual(asked, ["pulumi:pulumi:Stack", "aws:index/getCallerIdentity:getCallerIdentity"]);
  });

  for (const stack of ["test", "staging", "prod"])
    it(`is that of ${stack} for all that is made in AWS, and its cluster that for all that is made in Kubernetes`, async () => {
      const resources = (await rendered(stack)).filter(({ kind }) => !kind.endsWith(" provider"));
      const astray = resources.filter(
        ({ kind, manifest, provider }) => provider !== (manifest ? "cluster" : kind.startsWith("aws ") ? "aws" : ""),
      );
      assert.deepEqual(
        astray.map(({ kind, name, provider }) => `${kind} ${name} by ${provider}`),
        [],
      );
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
      const { metadata, spec } = one("Ingress", "web");
      assert.equal(spec.ingressClassName, "slipway");
      assert.equal(metadata.annotations["alb.ingress.kubernetes.io/listen-ports"], '[{"HTTPS":443}]');
      const asksDocker = resources.some(({ kind }) => kind.startsWith("docker"));
      assert.ok(!asksDocker, "ECR itself is asked what a tag points to, with no login");
      assert.equal(one("aws Record", "edge").aliases[0].name, "load-balancer.elb.amazonaws.com");
      const egress = one("NetworkPolicy", "app-dns").spec.egress;
      assert.deepEqual(egress[1].to, [{ ipBlock: { cidr: "172.20.0.10/32" } }]);
      assert.deepEqual(egress[1].ports, egress[0].ports);
      const { labels } = one("Namespace", "app").metadata;
      assert.equal(labels["eks.amazonaws.com/pod-readiness-gate-inject"], "enabled");
    });

  it("is made as the settings say: open to the addresses that they name, in private subnets, with tags on everything", async () => {
    const resources = await rendered("prod");
    // biome-ignore lint/suspicious/noExplicitAny: objects of any kind
    const one = (kind: string): any => resources.find((each) => each.kind === kind)?.object;
    const subnets = [0, 1, 2].map((place) => `network-private-${place}-id`);
    const { publicAccessCidrs, subnetIds } = one("aws Cluster").vpcConfig;
    assert.deepEqual({ publicAccessCidrs, subnetIds }, { publicAccessCidrs: ["203.0.113.0/24"], subnetIds: subnets });
    assert.equal(one("aws AccessEntry").principalArn, "arn:aws:iam::333344445555:role/slipway-deploy");
    const tags = { Project: "slipway", Environment: "prod", Owner: "team-noticeboard" };
    assert.deepEqual(JSON.parse(one("aws provider").defaultTags), { tags });
    assert.deepEqual(one("NodeClass").spec, {
      role: "role-of-ec2",
      subnetSelectorTerms: subnets.map((id) => ({ id })),
      securityGroupSelectorTerms: [{ id: "group-of-nodes" }],
      tags,
    });
    assert.deepEqual(
      one("IngressClassParams").spec.tags,
      Object.entries(tags).map(([key, value]) => ({ key, value })),
    );
    const ofVolumes = Object.entries(one("StorageClass").parameters).filter(([key]) => key.startsWith("tagSpec"));
    assert.deepEqual(
      ofVolumes.map(([, tag]) => tag),
      [...Object.entries({ ...tags, SlipwayCluster: "slipway-prod" }).map(([key, value]) => `${key}=${value}`)],
    );
  });

  it("has its backups on a volume of the same class, which snapshots are made of as well", async () => {
    const claim = (await rendered("prod")).find(({ name }) => name === "database-backups-data");
    assert.ok(claim);
    assert.equal((claim.object.spec as { storageClassName: string }).storageClassName, "gp3");
  });

  it("makes the cluster before the class, the class before the claim, and all of it before the application", async () => {
    const resources = await rendered("prod");
    const behind = (name: string): readonly string[] =>
      resources.filter((each) => each.name === name).flatMap(({ dependsOn = [] }) => dependsOn);
    assert.ok(behind("database-data").includes("storage-gp3"));
    assert.ok(behind("cluster").includes("network-private-0-connected"), "nodes have a way out from the start");
    assert.ok(behind("web").includes("edge-class"));
    const admin = "cluster-admin-333344445555:role/slipway-deploy";
    assert.ok(behind("cluster").includes(admin), "the provider waits until it is let in");
  });

  it("says where its data stays, in words that list it", async () => {
    const { data } = (await outputs(fileOf("prod"))) as { data: { inAws: unknown } };
    assert.deepEqual(data.inAws, {
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
    const file = fileOf("prod");
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
