import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import { Nodes } from "../../../components/aws/nodes.ts";
import { only } from "../../deploy.ts";
import { inAmazon } from "./amazon.ts";

const deployed = (instanceTypes: string[]) =>
  inAmazon(({ provider }) => {
    const kubernetes = new k8s.Provider("cluster");
    const cluster = { cluster: "shop", role: "role-of-nodes", securityGroup: "sg-1", subnets: ["a", "b", "c"] };
    new Nodes("nodes", { ...cluster, instanceTypes, tags: { Owner: "team-shop" }, kubernetes }, { provider });
  });
const pool = "kubernetes:karpenter.sh/v1:NodePool";

describe("Nodes", () => {
  it("hold pods to the network policies", async () => {
    const { metadata, data } = only((await deployed([])).resources, "kubernetes:core/v1:ConfigMap").inputs;
    assert.deepEqual(metadata, { name: "amazon-vpc-cni", namespace: "kube-system" });
    assert.deepEqual(data, { "enable-network-policy-controller": "true" });
  });

  it("have the tags of everything, in private subnets alone, with the role and group that the cluster gives them", async () => {
    const { spec, metadata } = only((await deployed([])).resources, "kubernetes:eks.amazonaws.com/v1:NodeClass").inputs;
    assert.equal(metadata.name, "slipway");
    assert.deepEqual(spec, {
      role: "role-of-nodes",
      subnetSelectorTerms: [{ id: "a" }, { id: "b" }, { id: "c" }],
      securityGroupSelectorTerms: [{ id: "sg-1" }],
      tags: { Owner: "team-shop" },
    });
  });

  const demand = { key: "karpenter.sh/capacity-type", operator: "In", values: ["on-demand"] };
  for (const [instanceTypes, requirements] of [
    [["m7i.large"], [{ key: "node.kubernetes.io/instance-type", operator: "In", values: ["m7i.large"] }, demand]],
    [
      [],
      [
        { key: "eks.amazonaws.com/instance-category", operator: "In", values: ["c", "m", "r"] },
        { key: "eks.amazonaws.com/instance-generation", operator: "Gt", values: ["4"] },
        { key: "kubernetes.io/arch", operator: "In", values: ["amd64"] },
        demand,
      ],
    ],
  ] as const)
    it(`are ${instanceTypes[0] ?? "recent ones"}, never of a price that may end them, and replaced within two weeks`, async () => {
      const { spec } = only((await deployed([...instanceTypes])).resources, pool).inputs;
      assert.deepEqual(spec.template.spec, {
        nodeClassRef: { group: "eks.amazonaws.com", kind: "NodeClass", name: "slipway" },
        requirements,
        expireAfter: "336h",
        terminationGracePeriod: "24h",
      });
      assert.ok(spec.weight > 0, "it comes before Amazon's own pool");
    });

  it("tell how much of them is in use, once there can be one to run that on", async () => {
    const { inputs, dependsOn } = only((await deployed([])).resources, "aws:eks/addon:Addon");
    assert.deepEqual(inputs, { clusterName: "shop", addonName: "metrics-server" });
    assert.ok(dependsOn.includes("nodes"));
  });
});
