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
const inputsOf = async (type: string, changes?: Partial<ClusterArgs>) =>
  only((await deployed(changes)).resources, type).inputs;

describe("Cluster", () => {
  it("is in Auto Mode, in private subnets, with encrypted Secrets and all logs", async () => {
    assert.deepEqual(await inputsOf(cluster, { version: "1.34" }), {
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
    assert.deepEqual(await inputsOf("aws:cloudwatch/logGroup:LogGroup"), {
      name: "/aws/eks/shop/cluster",
      retentionInDays: 90,
    });
  });

  it("encrypts with a key that rotates, that the account's policies govern, and that can be restored for a month", async () => {
    const { policy, ...rest } = await inputsOf("aws:kms/key:Key");
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

  it("is reached over the internet from the named addresses only", async () => {
    const { vpcConfig } = await inputsOf(cluster, { accessFrom: ["203.0.113.0/24"] });
    assert.equal(vpcConfig.endpointPublicAccess, true);
    assert.deepEqual(vpcConfig.publicAccessCidrs, ["203.0.113.0/24"]);
  });

  it("gives access to the named admins, not to its creator", async () => {
    assert.equal((await inputsOf("aws:eks/accessEntry:AccessEntry")).principalArn, admin);
    const { policyArn, accessScope } = await inputsOf("aws:eks/accessPolicyAssociation:AccessPolicyAssociation");
    assert.equal(policyArn, "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy");
    assert.deepEqual(accessScope, { type: "cluster" });
  });

  it("gives itself and its nodes the permissions that they need, through roles of the program's own", async () => {
    const { resources, result } = await deployed();
    const attached = resources
      .filter(({ type }) => type.endsWith(":RolePolicyAttachment"))
      .map(({ inputs }) => `${inputs.role}: ${inputs.policyArn}`);
    assert.deepEqual(attached, [
      "role-of-eks: arn:aws:iam::aws:policy/AmazonEKSBlockStoragePolicy",
      "role-of-eks: arn:aws:iam::aws:policy/AmazonEKSClusterPolicy",
      "role-of-eks: arn:aws:iam::aws:policy/AmazonEKSComputePolicy",
      "role-of-eks: arn:aws:iam::aws:policy/AmazonEKSLoadBalancingPolicy",
      "role-of-eks: arn:aws:iam::aws:policy/AmazonEKSNetworkingPolicy",
      "role-of-eks: arn:aws:iam::111122223333:policy/slipway/cluster-tags",
      "role-of-ec2: arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly",
      "role-of-ec2: arn:aws:iam::aws:policy/AmazonEKSWorkerNodeMinimalPolicy",
    ]);
    const roles = resources.filter(({ type }) => type === "aws:iam/role:Role").map(({ inputs }) => inputs);
    assert.deepEqual(
      roles.map(({ path, assumeRolePolicy }) => [path, ...JSON.parse(assumeRolePolicy).Statement]),
      [
        ["eks.amazonaws.com", ["sts:AssumeRole", "sts:TagSession"]] as const,
        ["ec2.amazonaws.com", ["sts:AssumeRole"]] as const,
      ].map(([Service, Action]) => ["/slipway/", { Effect: "Allow", Principal: { Service }, Action }]),
    );
    assert.equal(await resolved(result.nodes.role), "role-of-ec2");
    assert.equal(await resolved(result.nodes.securityGroup), "sg-1");
  });

  it("is created after its logs and its roles' policies", async () => {
    const { dependsOn } = only((await deployed()).resources, cluster);
    for (const name of [
      "cluster-logs",
      "cluster-tagging",
      "cluster-control-AmazonEKSComputePolicy",
      "cluster-nodes-AmazonEKSWorkerNodeMinimalPolicy",
    ])
      assert.ok(dependsOn.includes(name), name);
  });

  it("is reached with credentials that are requested when needed, once an admin has access", async () => {
    const { inputs, dependsOn } = only((await deployed()).resources, "pulumi:providers:kubernetes");
    assert.ok(dependsOn.includes("cluster-admin-111122223333:role/slipway-deploy"));
    assert.equal(inputs.clusterIdentifier, "arn:of:the-cluster");
    const { clusters, users, ...rest } = JSON.parse(inputs.kubeconfig);
    assert.equal(rest["current-context"], "shop");
    assert.deepEqual(clusters[0].cluster, {
      server: "https://shop.eks.amazonaws.com",
      "certificate-authority-data": "Y2VydA==",
    });
    const exec = {
      apiVersion: "client.authentication.k8s.io/v1beta1",
      command: "aws",
      args: ["--region", "eu-north-1", "eks", "get-token", "--cluster-name", "shop", "--output", "json"],
      interactiveMode: "Never",
    };
    assert.deepEqual(users[0].user, { exec });
  });

  it("cannot be deleted, nor its key, if the environment is protected", async () => {
    const { resources } = await deployed({ protect: true });
    assert.deepEqual(
      resources.filter(({ protect }) => protect).map(({ name }) => name),
      ["cluster-secrets", "cluster"],
    );
    assert.equal(only(resources, cluster).inputs.deletionProtection, true);
    assert.ok(only(resources, "aws:cloudwatch/logGroup:LogGroup").retainOnDelete);
  });
});
