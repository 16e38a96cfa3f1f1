import * as cloudwatch from "@pulumi/aws/cloudwatch/index.js";
import * as eks from "@pulumi/aws/eks/index.js";
import * as iam from "@pulumi/aws/iam/index.js";
import * as kms from "@pulumi/aws/kms/index.js";
import * as pulumi from "@pulumi/pulumi";
import { type ClusterAccess, dnsAddress, kubeconfigFor } from "./kubeconfig.ts";
import { controlPolicies, nodePolicies, serviceRole, tagsPolicy, trustIn } from "./roles.ts";

/** Arguments of {@link Cluster}. */
export interface ClusterArgs {
  /** Name of the cluster, fixed: people and programs log in by it. */
  readonly name: string;
  /** Region of the cluster, as in `eu-north-1`. */
  readonly region: string;
  /** Id of the account. */
  readonly account: string;
  /** Kubernetes version, as in `1.34`. @default the newest in EKS when the cluster is created */
  readonly version?: string;
  /** Private subnets, in three zones. */
  readonly subnets: pulumi.Input<string>[];
  /** ARNs of the IAM roles that administer the cluster. The deploying role has to be among them. */
  readonly admins: readonly string[];
  /** Address ranges that may reach the API over the internet. An empty list allows its own network only. */
  readonly accessFrom: readonly string[];
  /** Refuses to delete the cluster. @default false */
  readonly protect?: boolean;
}

/** Address range of the cluster's Services, outside the network. */
const serviceCidr = "172.20.0.0/16";

/**
 * EKS cluster in Auto Mode: AWS manages nodes, disks and load balancers. Nodes are private, a key of the cluster's own
 * encrypts Secrets, the control plane's logs are kept for 90 days, and only named roles have access.
 *
 * Uses plain resources: `@pulumi/eks` would need a plugin of its own, and create a node group that Auto Mode does not need.
 */
export class Cluster extends pulumi.ComponentResource implements ClusterAccess {
  readonly kubeconfig: pulumi.Output<string>;
  readonly clusterIdentifier: pulumi.Output<string>;
  readonly dns: pulumi.Output<string>;
  readonly dependsOn: pulumi.Resource[];
  /** Name of the nodes' role, and security group of all nodes. */
  readonly nodes: { readonly role: pulumi.Output<string>; readonly securityGroup: pulumi.Output<string> };

  constructor(name: string, args: ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:index:Cluster", name, {}, opts);
    const { account, accessFrom, protect = false } = args;
    const child = { parent: this };
    const logs = new cloudwatch.LogGroup(
      `${name}-logs`,
      { name: `/aws/eks/${args.name}/cluster`, retentionInDays: 90 },
      { parent: this, retainOnDelete: protect },
    );
    const key = new kms.Key(
      `${name}-secrets`,
      {
        description: `Secrets of the EKS cluster ${args.name}`,
        enableKeyRotation: true,
        deletionWindowInDays: 30,
        policy: JSON.stringify(keyPolicy(account)),
      },
      { parent: this, protect },
    );
    const control = serviceRole(
      `${name}-control`,
      { trust: trustIn("eks", undefined, true), policies: controlPolicies },
      child,
    );
    const tagging = new iam.RolePolicyAttachment(
      `${name}-tagging`,
      { role: control.role.name, policyArn: tagsPolicy(account) },
      child,
    );
    const nodes = serviceRole(`${name}-nodes`, { trust: trustIn("ec2"), policies: nodePolicies }, child);

    const cluster = new eks.Cluster(
      name,
      {
        name: args.name,
        version: args.version,
        roleArn: control.role.arn,
        accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: false },
        bootstrapSelfManagedAddons: false,
        computeConfig: { enabled: true, nodePools: ["general-purpose", "system"], nodeRoleArn: nodes.role.arn },
        storageConfig: { blockStorage: { enabled: true } },
        kubernetesNetworkConfig: { serviceIpv4Cidr: serviceCidr, elasticLoadBalancing: { enabled: true } },
        vpcConfig: {
          subnetIds: args.subnets,
          endpointPrivateAccess: true,
          endpointPublicAccess: accessFrom.length > 0,
          publicAccessCidrs: accessFrom.length > 0 ? [...accessFrom] : undefined,
        },
        encryptionConfig: { provider: { keyArn: key.arn }, resources: ["secrets"] },
        enabledClusterLogTypes: ["api", "audit", "authenticator", "controllerManager", "scheduler"],
        // Upgrades a version out of support, instead of keeping it at six times the price.
        upgradePolicy: { supportType: "STANDARD" },
        deletionProtection: protect,
      },
      { parent: this, protect, dependsOn: [logs, tagging, ...control.attached, ...nodes.attached] },
    );

    this.kubeconfig = kubeconfigFor({ ...cluster, certificate: cluster.certificateAuthority.data }, args.region);
    this.clusterIdentifier = cluster.arn;
    this.dns = pulumi.output(dnsAddress(serviceCidr));
    this.dependsOn = args.admins.map((admin) => adminAccess(name, cluster.name, admin, child));
    this.nodes = { role: nodes.role.name, securityGroup: cluster.vpcConfig.clusterSecurityGroupId };
    this.registerOutputs({ cluster: cluster.name });
  }
}

/** Lets an IAM role administer the cluster. Named after the role, so that removing one admin changes no other. */
function adminAccess(
  name: string,
  clusterName: pulumi.Output<string>,
  principalArn: string,
  opts: pulumi.CustomResourceOptions,
): eks.AccessPolicyAssociation {
  const resourceName = `${name}-admin-${principalArn.replace(/^arn:aws:iam::/, "")}`;
  const entry = new eks.AccessEntry(resourceName, { clusterName, principalArn }, opts);
  return new eks.AccessPolicyAssociation(
    resourceName,
    {
      clusterName,
      principalArn: entry.principalArn,
      policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
      accessScope: { type: "cluster" },
    },
    opts,
  );
}

/** Policy that leaves the key to the account's own policies. Without it, not even the account could use the key. */
export const keyPolicy = (account: string) => ({
  Version: "2012-10-17",
  Statement: [
    {
      Sid: "LeftToThePoliciesOfTheAccount",
      Effect: "Allow",
      Principal: { AWS: `arn:aws:iam::${account}:root` },
      Action: "kms:*",
      Resource: "*",
    },
  ],
});
