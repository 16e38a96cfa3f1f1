import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

/** Arguments of {@link Nodes}. */
export interface NodesArgs {
  /** Types of instances that nodes are of, as in `m7i.large`. None: whatever fits the pods. */
  readonly instanceTypes: readonly string[];
  /** For the cluster. */
  readonly kubernetes: pulumi.ProviderResource;
}

/**
 * What the nodes of a cluster in Auto Mode do and are: they hold pods to the network policies, and are of the types that
 * the settings name, where they name some. Auto Mode's own pool stays for what those cannot take.
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
    if (args.instanceTypes.length > 0) this.#pool(name, args.instanceTypes, inCluster);
    this.registerOutputs({});
  }

  #pool(name: string, instanceTypes: readonly string[], opts: pulumi.CustomResourceOptions): void {
    const among = (key: string, values: readonly string[]) => ({ key, operator: "In", values });
    new k8s.apiextensions.CustomResource(
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
              nodeClassRef: { group: "eks.amazonaws.com", kind: "NodeClass", name: "default" },
              requirements: [
                among("node.kubernetes.io/instance-type", instanceTypes),
                among("karpenter.sh/capacity-type", ["on-demand"]),
              ],
              expireAfter: "336h",
              terminationGracePeriod: "24h",
            },
          },
          disruption: { consolidationPolicy: "WhenEmptyOrUnderutilized", consolidateAfter: "5m" },
        },
      },
      opts,
    );
  }
}
