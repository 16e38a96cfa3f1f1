import * as eks from "@pulumi/aws/eks/index.js";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

/** Arguments of {@link Nodes}. */
export interface NodesArgs {
  /** Instance types, as in `m7i.large`; an empty list allows recent general-purpose types. */
  readonly instanceTypes: readonly string[];
  /** Name of the cluster. */
  readonly cluster: pulumi.Input<string>;
  /** Name of the nodes' role. */
  readonly role: pulumi.Input<string>;
  /** Security group of the nodes and the control plane. */
  readonly securityGroup: pulumi.Input<string>;
  /** Private subnets of the nodes. */
  readonly subnets: pulumi.Input<string>[];
  /** Tags of the nodes and their disks. */
  readonly tags: Readonly<Record<string, string>>;
  /** Provider for the cluster. */
  readonly kubernetes: pulumi.ProviderResource;
}

/**
 * Nodes of a cluster in Auto Mode: they enforce network policies, carry our tags, and are in private subnets only. AWS's
 * own pool stays for pods that do not fit; its nodes carry AWS's tags only.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/create-node-class.html
 */
export class Nodes extends pulumi.ComponentResource {
  constructor(name: string, args: NodesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:index:Nodes", name, {}, opts);
    const inCluster = { parent: this, provider: args.kubernetes };
    // Without it, network policies are accepted but not enforced.
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
          // Of several pools that fit, the one with the highest weight is used; AWS's pools have none.
          weight: 50,
          template: {
            spec: {
              nodeClassRef: { group: "eks.amazonaws.com", kind: "NodeClass", name: nodeClass.metadata.name },
              requirements: [
                ...(args.instanceTypes.length > 0 ? ofTypes(args.instanceTypes) : generalPurpose),
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
    // Autoscalers read the CPU in use from it. It needs a node to run on.
    new eks.Addon(
      `${name}-metrics`,
      { clusterName: args.cluster, addonName: "metrics-server" },
      { parent: this, dependsOn: pool },
    );
    this.registerOutputs({});
  }
}

const ofTypes = (values: readonly string[]) => [{ key: "node.kubernetes.io/instance-type", operator: "In", values }];

/** Requirements of AWS's own pool: https://docs.aws.amazon.com/eks/latest/userguide/set-builtin-node-pools.html */
const generalPurpose = [
  { key: "eks.amazonaws.com/instance-category", operator: "In", values: ["c", "m", "r"] },
  { key: "eks.amazonaws.com/instance-generation", operator: "Gt", values: ["4"] },
  { key: "kubernetes.io/arch", operator: "In", values: ["amd64"] },
];
