import assert from "node:assert/strict";
import { captureResources } from "../../../commands/environments/capture-resources.ts";
import { outputs, type Resource, render } from "../../../commands/environments/render.ts";
import { platformInAws } from "../../../components/aws/platform.ts";
import type { Settings } from "../../../settings/load.ts";
import { fileOf, rendered } from "../../commands/environments/committed.ts";
import { account, refusal } from "./amazon.ts";

// biome-ignore lint/suspicious/noExplicitAny: objects of any kind
const only = (resources: Resource[], kind: string, name?: string): any =>
  resources.find((each) => each.kind === kind && (name === undefined || each.name === name))?.object;

describe("Platform in AWS", () => {
  it("checks the account before any other request, and before it creates anything", async () => {
    const requests: string[] = [];
    const get = (_: object, token: string | symbol) => {
      requests.push(String(token));
      return () => ({ accountId: "999900001111", arn: "arn:aws:iam::999900001111:user/me" });
    };
    const settings = { release: { repository: "111122223333.dkr.ecr.eu-north-1.amazonaws.com/shop" } } as Settings;
    const attempt = captureResources(() => platformInAws(account, settings), { answers: new Proxy({}, { get }) });
    assert.match(await refusal(attempt), /names the AWS account 111122223333, but the credentials are of account 9999/);
    const toAws = requests.filter((token) => token.startsWith("aws:"));
    assert.deepEqual(toAws, ["aws:index/getCallerIdentity:getCallerIdentity"]);
  });

  it("is no part of dev, which has no account", async () => {
    assert.ok((await rendered("dev")).every(({ kind }) => !kind.startsWith("aws ")));
  });

  for (const stack of ["test", "staging", "prod"])
    it(`creates everything of ${stack} in its account and its cluster`, async () => {
      for (const { kind, name, manifest, provider } of await rendered(stack))
        if (!kind.endsWith(" provider"))
          assert.equal(provider, manifest ? "cluster" : kind.startsWith("aws ") ? "aws" : "", `${kind} ${name}`);
    });

  for (const stack of ["staging", "prod"])
    it(`gives ${stack} its load balancer, storage class and DNS server, and looks up its tag in ECR`, async () => {
      const resources = await rendered(stack);
      for (const claim of resources.filter(({ kind }) => kind === "PersistentVolumeClaim"))
        assert.equal((claim.object.spec as { storageClassName: string }).storageClassName, "gp3", claim.name);
      const { metadata, spec } = only(resources, "Ingress");
      assert.equal(spec.ingressClassName, "slipway");
      assert.equal(metadata.annotations["alb.ingress.kubernetes.io/listen-ports"], '[{"HTTPS":443}]');
      assert.ok(resources.every(({ kind }) => !kind.startsWith("docker")));
      assert.equal(only(resources, "aws Record", "edge").aliases[0].name, "load-balancer.elb.amazonaws.com");
      const { egress } = only(resources, "NetworkPolicy", "app-dns").spec;
      assert.deepEqual(egress[1].to, [{ ipBlock: { cidr: "172.20.0.10/32" } }]);
      assert.deepEqual(egress[1].ports, egress[0].ports);
      const { labels } = only(resources, "Namespace").metadata;
      assert.equal(labels["eks.amazonaws.com/pod-readiness-gate-inject"], "enabled");
    });

  it("follows the settings: access from their addresses, private subnets, tags on everything", async () => {
    const resources = await rendered("prod");
    const subnets = [0, 1, 2].map((index) => `network-private-${index}-id`);
    const { publicAccessCidrs, subnetIds } = only(resources, "aws Cluster").vpcConfig;
    assert.deepEqual([publicAccessCidrs, subnetIds], [["203.0.113.0/24"], subnets]);
    assert.equal(only(resources, "aws AccessEntry").principalArn, "arn:aws:iam::333344445555:role/slipway-deploy");
    const tags = { Project: "slipway", Environment: "prod", Owner: "team-noticeboard" };
    assert.deepEqual(JSON.parse(only(resources, "aws provider").defaultTags), { tags });
    assert.deepEqual(only(resources, "NodeClass").spec, {
      role: "role-of-ec2",
      subnetSelectorTerms: subnets.map((id) => ({ id })),
      securityGroupSelectorTerms: [{ id: "group-of-nodes" }],
      tags,
    });
    const pairs = Object.entries(tags).map(([key, value]) => ({ key, value }));
    assert.deepEqual(only(resources, "IngressClassParams").spec.tags, pairs);
    const { parameters } = only(resources, "StorageClass");
    assert.equal(parameters.tagSpecification_1, "Project=slipway");
    assert.equal(parameters.tagSpecification_4, "SlipwayCluster=slipway-prod");
  });

  it("creates the cluster before the class, the class before the claim, and all before the application", async () => {
    const resources = await rendered("prod");
    const dependenciesOf = (name: string): readonly string[] =>
      resources.filter((each) => each.name === name).flatMap(({ dependsOn = [] }) => dependsOn);
    assert.ok(dependenciesOf("database-data").includes("storage-gp3"));
    assert.ok(
      dependenciesOf("cluster").includes("network-private-0-connected"),
      "nodes reach the internet from the start",
    );
    assert.ok(dependenciesOf("web").includes("edge-class"));
    const admin = "cluster-admin-333344445555:role/slipway-deploy";
    assert.ok(dependenciesOf("cluster").includes(admin), "the provider waits for its access");
  });

  it("outputs the place of the volumes, with the command that lists them", async () => {
    const { data } = (await outputs(fileOf("prod"))) as { data: { inAws: unknown } };
    assert.deepEqual(data.inAws, {
      account: "333344445555",
      region: "eu-north-1",
      list:
        "aws ec2 describe-volumes --region eu-north-1 --filters Name=tag:SlipwayCluster,Values=slipway-prod; " +
        "aws ec2 describe-snapshots --owner-ids 333344445555 --region eu-north-1 --filters Name=tag:SlipwayCluster,Values=slipway-prod",
    });
  });

  it("creates no cluster, network or class beside an existing cluster", async () => {
    const file = fileOf("prod");
    const eks = { account: "333344445555", existing: "shared" };
    const resources = await render({ ...file, config: { ...file.config, "slipway:cluster": { eks } } });
    const kinds = new Set(resources.map(({ kind }) => kind));
    assert.ok(kinds.has("kubernetes provider") && kinds.has("Deployment"));
    const created = [...kinds].filter((kind) => /^aws (?!provider)|StorageClass|IngressClass/.test(kind));
    assert.deepEqual(created, []);
  });
});
