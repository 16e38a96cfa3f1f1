import assert from "node:assert/strict";
import { connect } from "../../../cluster/provider.ts";
import { Cluster, type ClusterArgs } from "../../../components/aws/cluster.ts";
import { only, resolved } from "../../deploy.ts";
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
      "aws:iam/role:Role": ({ assumeRolePolicy }) => {
        const { Service } = JSON.parse(assumeRolePolicy).Statement[0].Principal;
        return { arn: `arn:of:the-role-of-${Service}`, name: `role-of-${Service.split(".")[0]}` };
      },
      "aws:kms/key:Key": () => ({ arn: "arn:of:the-key" }),
      "aws:eks/cluster:Cluster": () => ({
        arn: "arn:of:the-cluster",
        endpoint: "https://shop.eks.amazonaws.com",
        certificateAuthority: { data: "Y2VydA==" },
        vpcConfig: { clusterSecurityGroupId: "sg-1" },
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
    assert.deepEqual(only(resources, "aws:cloudwatch/logGroup:LogGroup").inputs, {
      name: "/aws/eks/shop/cluster",
      retentionInDays: 90,
    });
  });

  it("encrypts with a key that is renewed, that the account's own policies govern, and that can be had back for a month", async () => {
    const { policy, ...rest } = only((await deployed()).resources, "aws:kms/key:Key").inputs;
    assert.deepEqual(rest, {
      description: "Secrets of the EKS cluster shop",
      enableKeyRotation: true,
      deletionWindowInDays: 30,
    });
    assert.deepEqual(JSON.parse(policy).Statement, [
      {
        Sid: "LeftToThePoliciesOfTheAccount",
        Effect: "Allow",
        Principal: { AWS: "arn:aws:iam::111122223333:root" },
        Action: "kms:*",
        Resource: "*",
      },
    ]);
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

  it("gives nodes no more than to take part and to pull, and itself no more than Auto Mode needs, its tags included", async () => {
    const { resources, result } = await deployed();
    const attached = resources
      .filter(({ type }) => type.endsWith(":RolePolicyAttachment"))
      .map(({ inputs }) => `${inputs.role}: ${inputs.policyArn}`);
    assert.deepEqual(attached, [
      ...[
        "aws:policy/AmazonEKSBlockStoragePolicy",
        "aws:policy/AmazonEKSClusterPolicy",
        "aws:policy/AmazonEKSComputePolicy",
        "aws:policy/AmazonEKSLoadBalancingPolicy",
        "aws:policy/AmazonEKSNetworkingPolicy",
        "111122223333:policy/slipway/cluster-tags",
      ].map((policy) => `role-of-eks: arn:aws:iam::${policy}`),
      "role-of-ec2: arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly",
      "role-of-ec2: arn:aws:iam::aws:policy/AmazonEKSWorkerNodeMinimalPolicy",
    ]);
    assert.equal(await resolved(result.nodes.role), "role-of-ec2");
    assert.equal(await resolved(result.nodes.securityGroup), "sg-1");
  });

  it("has roles in the program's own folder, each for one service of Amazon's", async () => {
    const roles = (await deployed()).resources.filter(({ type }) => type === "aws:iam/role:Role");
    assert.deepEqual(
      roles.map(({ inputs: { path, assumeRolePolicy } }) => ({ path, ...JSON.parse(assumeRolePolicy).Statement[0] })),
      [
        ["eks.amazonaws.com", ["sts:AssumeRole", "sts:TagSession"]] as const,
        ["ec2.amazonaws.com", ["sts:AssumeRole"]] as const,
      ].map(([Service, Action]) => ({ path: "/slipway/", Effect: "Allow", Principal: { Service }, Action })),
    );
  });

  it("is made after its roles have their policies and its logs have a place", async () => {
    const { dependsOn } = only((await deployed()).resources, cluster);
    for (const name of [
      ...["cluster-logs", "cluster-tagging", "cluster-control-AmazonEKSComputePolicy"],
      "cluster-nodes-AmazonEKSWorkerNodeMinimalPolicy",
    ])
      assert.ok(dependsOn.includes(name), name);
  });

  it("is spoken to with credentials that are asked for when needed, once somebody is let in", async () => {
    const { inputs, dependsOn } = only((await deployed()).resources, "pulumi:providers:kubernetes");
    assert.ok(dependsOn.includes("cluster-admin-111122223333:role/slipway-deploy"));
    assert.equal(inputs.clusterIdentifier, "arn:of:the-cluster");
    const { clusters, users, ...rest } = JSON.parse(inputs.kubeconfig);
    assert.equal(rest["current-context"], "shop");
    assert.deepEqual(clusters[0].cluster, {
      server: "https://shop.eks.amazonaws.com",
      "certificate-authority-data": "Y2VydA==",
    });
    assert.deepEqual(Object.keys(users[0].user), ["exec"]);
    assert.deepEqual(users[0].user.exec, {
      apiVersion: "client.authentication.k8s.io/v1beta1",
      command: "aws",
      args: ["--region", "eu-north-1", "eks", "get-token", "--cluster-name", "shop", "--output", "json"],
      interactiveMode: "Never",
    });
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
