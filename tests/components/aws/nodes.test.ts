import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import { Nodes } from "../../../components/aws/nodes.ts";
import { only } from "../../deploy.ts";
import { inAmazon } from "./amazon.ts";

const deployed = async (instanceTypes: string[] = []) => {
  const { resources } = await inAmazon(({ provider }) => {
    const kubernetes = new k8s.Provider("cluster");
    const cluster = { cluster: "shop", role: "role-of-nodes", securityGroup: "sg-1", subnets: ["a", "b", "c"] };
    new Nodes("nodes", { ...cluster, instanceTypes, tags: { Owner: "team-shop" }, kubernetes }, { provider });
  });
  return resources;
};

describe("Nodes", () => {
  it("enforce network policies", async () => {
    const { metadata, data } = only(await deployed(), "kubernetes:core/v1:ConfigMap").inputs;
    assert.deepEqual(metadata, { name: "amazon-vpc-cni", namespace: "kube-system" });
    assert.deepEqual(data, { "enable-network-policy-controller": "true" });
  });

  it("carry our tags, in private subnets only, with the cluster's role and security group", async () => {
    const { spec, metadata } = only(await deployed(), "kubernetes:eks.amazonaws.com/v1:NodeClass").inputs;
    assert.equal(metadata.name, "slipway");
    assert.deepEqual(spec, {
      role: "role-of-nodes",
      subnetSelectorTerms: [{ id: "a" }, { id: "b" }, { id: "c" }],
      securityGroupSelectorTerms: [{ id: "sg-1" }],
      tags: { Owner: "team-shop" },
    });
  });

  it("are on-demand, of the set types or recent general-purpose ones, and replaced within two weeks", async () => {
    const onDemand = { key: "karpenter.sh/capacity-type", operator: "In", values: ["on-demand"] };
    const set = [{ key: "node.kubernetes.io/instance-type", operator: "In", values: ["m7i.large"] }];
    const recent = [
      { key: "eks.amazonaws.com/instance-category", operator: "In", values: ["c", "m", "r"] },
      { key: "eks.amazonaws.com/instance-generation", operator: "Gt", values: ["4"] },
      { key: "kubernetes.io/arch", operator: "In", values: ["amd64"] },
    ];
    for (const [types, requirements] of [
      [["m7i.large"], set],
      [[], recent],
    ] as const) {
      const { spec } = only(await deployed([...types]), "kubernetes:karpenter.sh/v1:NodePool").inputs;
      assert.deepEqual(spec.template.spec, {
        nodeClassRef: { group: "eks.amazonaws.com", kind: "NodeClass", name: "slipway" },
        requirements: [...requirements, onDemand],
        expireAfter: "336h",
        terminationGracePeriod: "24h",
      });
      assert.ok(spec.weight > 0, "it is used before AWS's own pool");
    }
  });

  it("report the CPU in use, once there is a node for that", async () => {
    const { inputs, dependsOn } = only(await deployed(), "aws:eks/addon:Addon");
    assert.deepEqual(inputs, { clusterName: "shop", addonName: "metrics-server" });
    assert.ok(dependsOn.includes("nodes"));
  });
});
