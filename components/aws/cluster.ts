import * as cloudwatch from "@pulumi/aws/cloudwatch/index.js";
import * as eks from "@pulumi/aws/eks/index.js";
import * as iam from "@pulumi/aws/iam/index.js";
import * as kms from "@pulumi/aws/kms/index.js";
import * as pulumi from "@pulumi/pulumi";
import { type ClusterAccess, kubeconfigFor } from "./kubeconfig.ts";
import { serviceRole, tagsPolicy, trustIn } from "./roles.ts";

/** Arguments of {@link Cluster}. */
export interface ClusterArgs {
  /** Name of the cluster, fixed: people and programs log in by it. */
  readonly name: string;
  readonly region: string;
  /** Account that it is in. */
  readonly account: string;
  /** Kubernetes' version, as in `1.34`. Default: the newest that EKS offers when the cluster is made. */
  readonly version?: string;
  /** Private subnets, in three zones. */
  readonly subnets: pulumi.Input<string>[];
  /** ARNs of the IAM roles that administer it; whoever deploys has to be among them. */
  readonly admins: readonly string[];
  /** Addresses from which its API can be reached over the internet. Default: none, its own network alone. */
  readonly accessFrom: readonly string[];
  /** Refuse to delete it. Default false. */
  readonly protect?: boolean;
}

/** Addresses of its Services; not part of the network. The tenth one answers DNS. */
const serviceCidr = "172.20.0.0/16";

/**
 * An EKS cluster in Auto Mode: Amazon keeps nodes, disks and load balancers. Nodes are private, secrets are encrypted
 * with a key of the cluster's own, the control plane keeps its logs for 90 days, and nobody has access who is not named.
 *
 * Plain resources: `@pulumi/eks` would bring a plugin of its own and a node group for what Auto Mode does without.
 */
export class Cluster extends pulumi.ComponentResource implements ClusterAccess {
  readonly kubeconfig: pulumi.Output<string>;
  readonly clusterIdentifier: pulumi.Output<string>;
  readonly dns: pulumi.Output<string>;
  readonly dependsOn: pulumi.Resource[];
  /** What a node has to have: its role, by name, and the security group of all of them. */
  readonly nodes: { readonly role: pulumi.Output<string>; readonly securityGroup: pulumi.Output<string> };

  constructor(name: string, args: ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:index:Cluster", name, {}, opts);
    const { protect = false } = args;
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
        policy: JSON.stringify(keyPolicy(args.account)),
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
      { role: control.role.name, policyArn: tagsPolicy(args.account) },
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
          endpointPublicAccess: args.accessFrom.length > 0,
          publicAccessCidrs: args.accessFrom.length > 0 ? [...args.accessFrom] : undefined,
        },
        encryptionConfig: { provider: { keyArn: key.arn }, resources: ["secrets"] },
        enabledClusterLogTypes: ["api", "audit", "authenticator", "controllerManager", "scheduler"],
        // A version out of support is upgraded, not kept at six times the price.
        upgradePolicy: { supportType: "STANDARD" },
        deletionProtection: protect,
      },
      { parent: this, protect, dependsOn: [logs, tagging, ...control.attached, ...nodes.attached] },
    );
    const access = args.admins.map((principalArn) => {
      // By the role, not by its place in the list: EKS has one entry for each, and the others must stay when one goes.
      const admin = `${name}-admin-${principalArn.replace(/^arn:aws:iam::/, "")}`;
      const entry = new eks.AccessEntry(admin, { clusterName: cluster.name, principalArn }, child);
      return new eks.AccessPolicyAssociation(
        admin,
        {
          clusterName: cluster.name,
          principalArn: entry.principalArn,
          policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
          accessScope: { type: "cluster" },
        },
        child,
      );
    });

    this.kubeconfig = kubeconfigFor({ ...cluster, certificate: cluster.certificateAuthority.data }, args.region);
    this.clusterIdentifier = cluster.arn;
    this.dns = pulumi.output(serviceCidr.replace(/0\/16$/, "10"));
    this.dependsOn = access;
    this.nodes = { role: nodes.role.name, securityGroup: cluster.vpcConfig.clusterSecurityGroupId };
    this.registerOutputs({ cluster: cluster.name });
  }
}

const controlPolicies = [
  "AmazonEKSBlockStoragePolicy",
  "AmazonEKSClusterPolicy",
  "AmazonEKSComputePolicy",
  "AmazonEKSLoadBalancingPolicy",
  "AmazonEKSNetworkingPolicy",
];

/** Nodes may take part in the cluster and pull images; what a pod may do is its own role's matter. */
const nodePolicies = ["AmazonEC2ContainerRegistryPullOnly", "AmazonEKSWorkerNodeMinimalPolicy"];

/** The account decides by its own policies who may use the key; without this not even it could. */
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
