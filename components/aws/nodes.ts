import * as eks from "@pulumi/aws/eks/index.js";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

/** Arguments of {@link Nodes}. */
export interface NodesArgs {
  /** Types of instances that nodes are of, as in `m7i.large`. None: recent ones for general purposes that fit the pods. */
  readonly instanceTypes: readonly string[];
  /** Name of the cluster. */
  readonly cluster: pulumi.Input<string>;
  /** Name of the role that its nodes have. */
  readonly role: pulumi.Input<string>;
  /** Security group of its nodes and control plane. */
  readonly securityGroup: pulumi.Input<string>;
  /** Private subnets that they are in. */
  readonly subnets: pulumi.Input<string>[];
  /** Tags of each of them, and of its disks. */
  readonly tags: Readonly<Record<string, string>>;
  /** For the cluster. */
  readonly kubernetes: pulumi.ProviderResource;
}

/**
 * What the nodes of a cluster in Auto Mode do and are: they hold pods to the network policies, carry the tags of
 * everything, are in private subnets alone, and of the types that the settings name, where they name some. Amazon's own
 * pool stays for what those cannot take; its nodes have no tags but Amazon's.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/create-node-class.html
 */
export class Nodes extends pulumi.ComponentResource {
  constructor(name: string, args: NodesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:index:Nodes", name, {}, opts);
    const inCluster = { parent: this, provider: args.kubernetes };
    // Without it every network policy is taken, and none is kept to.
    new k8s.core.v1.ConfigMap(
      `${name}-policies`,
      {
        metadata: { name: "amazon-vpc-cni", namespace: "kube-system" },
        data: { "enable-network-policy-controller": "true" },
      },
      inCluster,
    );
    const nodeClass = new k8s.apiextensions.CustomResource(
      `${name}-class`,
      {
        apiVersion: "eks.amazonaws.com/v1",
        kind: "NodeClass",
        metadata: { name: "slipway" },
        spec: {
          role: args.role,
          subnetSelectorTerms: args.subnets.map((id) => ({ id })),
          securityGroupSelectorTerms: [{ id: args.securityGroup }],
          tags: args.tags,
        },
      },
      inCluster,
    );
    const pool = new k8s.apiextensions.CustomResource(
      name,
      {
        apiVersion: "karpenter.sh/v1",
        kind: "NodePool",
        metadata: { name: "slipway" },
        spec: {
          // Of several pools that fit, the one of the greatest weight is taken; Amazon's have none.
          weight: 50,
          template: {
            spec: {
              nodeClassRef: { group: "eks.amazonaws.com", kind: "NodeClass", name: nodeClass.metadata.name },
              requirements: [
                ...(args.instanceTypes.length > 0 ? ofTypes(args.instanceTypes) : general),
                { key: "karpenter.sh/capacity-type", operator: "In", values: ["on-demand"] },
              ],
              expireAfter: "336h",
              terminationGracePeriod: "24h",
            },
          },
          disruption: { consolidationPolicy: "WhenEmptyOrUnderutilized", consolidateAfter: "5m" },
        },
      },
      inCluster,
    );
    // Without it nobody knows how much CPU is in use, and nothing scales with it. It waits for nodes to run on.
    new eks.Addon(
      `${name}-metrics`,
      { clusterName: args.cluster, addonName: "metrics-server" },
      { parent: this, dependsOn: pool },
    );
    this.registerOutputs({});
  }
}

const ofTypes = (values: readonly string[]) => [{ key: "node.kubernetes.io/instance-type", operator: "In", values }];

/** As in Amazon's own pool: https://docs.aws.amazon.com/eks/latest/userguide/set-builtin-node-pools.html */
const general = [
  { key: "eks.amazonaws.com/instance-category", operator: "In", values: ["c", "m", "r"] },
  { key: "eks.amazonaws.com/instance-generation", operator: "Gt", values: ["4"] },
  { key: "kubernetes.io/arch", operator: "In", values: ["amd64"] },
];
