import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import { Nodes } from "../../../components/aws/nodes.ts";
import { only } from "../../deploy.ts";
import { inAmazon } from "./amazon.ts";

const deployed = (instanceTypes: string[]) =>
  inAmazon(({ provider }) => {
    const kubernetes = new k8s.Provider("cluster");
    new Nodes("nodes", { instanceTypes, kubernetes }, { provider });
  });

describe("Nodes", () => {
  it("hold pods to the network policies, and leave the rest to Amazon where no types are named", async () => {
    const { resources } = await deployed([]);
    const { metadata, data } = only(resources, "kubernetes:core/v1:ConfigMap").inputs;
    assert.deepEqual(metadata, { name: "amazon-vpc-cni", namespace: "kube-system" });
    assert.deepEqual(data, { "enable-network-policy-controller": "true" });
    assert.ok(!resources.some(({ type }) => type.endsWith(":NodePool")));
  });

  it("are of the types that are named, never of a price that may end them, and replaced within two weeks", async () => {
    const { resources } = await deployed(["m7i.large"]);
    const { spec } = only(resources, "kubernetes:karpenter.sh/v1:NodePool").inputs;
    assert.deepEqual(spec.template.spec, {
      nodeClassRef: { group: "eks.amazonaws.com", kind: "NodeClass", name: "default" },
      requirements: [
        { key: "node.kubernetes.io/instance-type", operator: "In", values: ["m7i.large"] },
        { key: "karpenter.sh/capacity-type", operator: "In", values: ["on-demand"] },
      ],
      expireAfter: "336h",
      terminationGracePeriod: "24h",
    });
    assert.ok(spec.weight > 0);
  });
});
