import assert from "node:assert/strict";
import { Cluster, type ClusterArgs } from "../../../components/aws/cluster.ts";
import { connect } from "../../../components/cluster.ts";
import { only } from "../../deploy.ts";
import { inAmazon } from "./amazon.ts";

const admin = "arn:aws:iam::111122223333:role/slipway-deploy";
const deployed = (changes: Partial<ClusterArgs> = {}) =>
  inAmazon(
    ({ provider, region, id }) => {
      const args = { name: "shop", region, account: id, subnets: ["a", "b", "c"], admins: [admin], accessFrom: [] };
      const cluster = new Cluster("cluster", { ...args, ...changes }, { provider });
      connect(cluster);
      return cluster;
    },
    {
      "aws:iam/role:Role": ({ assumeRolePolicy }) => ({
        arn: `arn:of:the-role-of-${JSON.parse(assumeRolePolicy).Statement[0].Principal.Service}`,
      }),
      "aws:kms/key:Key": () => ({ arn: "arn:of:the-key" }),
      "aws:eks/cluster:Cluster": () => ({
        arn: "arn:of:the-cluster",
        endpoint: "https://shop.eks.amazonaws.com",
        certificateAuthority: { data: "Y2VydA==" },
      }),
    },
  );
const cluster = "aws:eks/cluster:Cluster";

describe("Cluster", () => {
  it("is in Auto Mode, in private subnets, with secrets encrypted by a key of its own and all logs", async () => {
    const { resources } = await deployed({ version: "1.34" });
    assert.deepEqual(only(resources, cluster).inputs, {
      name: "shop",
      version: "1.34",
      roleArn: "arn:of:the-role-of-eks.amazonaws.com",
      accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: false },
      bootstrapSelfManagedAddons: false,
      computeConfig: {
        enabled: true,
        nodePools: ["general-purpose", "system"],
        nodeRoleArn: "arn:of:the-role-of-ec2.amazonaws.com",
      },
      storageConfig: { blockStorage: { enabled: true } },
      kubernetesNetworkConfig: { serviceIpv4Cidr: "172.20.0.0/16", elasticLoadBalancing: { enabled: true } },
      vpcConfig: { subnetIds: ["a", "b", "c"], endpointPrivateAccess: true, endpointPublicAccess: false },
      encryptionConfig: { provider: { keyArn: "arn:of:the-key" }, resources: ["secrets"] },
      enabledClusterLogTypes: ["api", "audit", "authenticator", "controllerManager", "scheduler"],
      upgradePolicy: { supportType: "STANDARD" },
      deletionProtection: false,
    });
    assert.equal(only(resources, "aws:kms/key:Key").inputs.enableKeyRotation, true);
    assert.deepEqual(only(resources, "aws:cloudwatch/logGroup:LogGroup").inputs, {
      name: "/aws/eks/shop/cluster",
      retentionInDays: 90,
    });
  });

  it("is reached over the internet from the addresses that are named, and no others", async () => {
    const { vpcConfig } = only((await deployed({ accessFrom: ["203.0.113.0/24"] })).resources, cluster).inputs;
    assert.equal(vpcConfig.endpointPublicAccess, true);
    assert.deepEqual(vpcConfig.publicAccessCidrs, ["203.0.113.0/24"]);
  });

  it("lets in whom it names by access entries, not whoever made it", async () => {
    const { resources } = await deployed();
    assert.equal(only(resources, "aws:eks/accessEntry:AccessEntry").inputs.principalArn, admin);
    const { inputs } = only(resources, "aws:eks/accessPolicyAssociation:AccessPolicyAssociation");
    assert.equal(inputs.policyArn, "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy");
    assert.deepEqual(inputs.accessScope, { type: "cluster" });
  });

  it("gives nodes no more than to take part and to pull", async () => {
    const { resources } = await deployed();
    const attached = resources
      .filter(({ type, name }) => type.endsWith(":RolePolicyAttachment") && name.startsWith("cluster-nodes"))
      .map(({ inputs }) => inputs.policyArn);
    assert.deepEqual(attached, [
      "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly",
      "arn:aws:iam::aws:policy/AmazonEKSWorkerNodeMinimalPolicy",
    ]);
  });

  it("is made after its roles have their policies and its logs have a place", async () => {
    const { dependsOn } = only((await deployed()).resources, cluster);
    for (const name of ["cluster-logs", "cluster-tagging", "cluster-control-AmazonEKSComputePolicy"])
      assert.ok(dependsOn.includes(name), name);
  });

  it("is spoken to with credentials that are asked for when needed, once somebody is let in", async () => {
    const { inputs, dependsOn } = only((await deployed()).resources, "pulumi:providers:kubernetes");
    assert.ok(dependsOn.includes("cluster-admin-0"));
    assert.equal(inputs.clusterIdentifier, "arn:of:the-cluster");
    const { clusters, users, ...rest } = JSON.parse(inputs.kubeconfig);
    assert.equal(rest["current-context"], "shop");
    assert.deepEqual(clusters[0].cluster, {
      server: "https://shop.eks.amazonaws.com",
      "certificate-authority-data": "Y2VydA==",
    });
    assert.deepEqual(Object.keys(users[0].user), ["exec"]);
    assert.deepEqual(users[0].user.exec.args, [
      ...["--region", "eu-north-1", "eks", "get-token", "--cluster-name", "shop", "--output", "json"],
    ]);
  });

  it("cannot be deleted, nor its key, where the environment is protected", async () => {
    const { resources } = await deployed({ protect: true });
    assert.deepEqual(
      resources.filter(({ protect }) => protect).map(({ name }) => name),
      ["cluster-secrets", "cluster"],
    );
    assert.equal(only(resources, cluster).inputs.deletionProtection, true);
    assert.ok(only(resources, "aws:cloudwatch/logGroup:LogGroup").retainOnDelete);
  });
});
