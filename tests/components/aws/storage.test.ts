import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import { Storage } from "../../../components/aws/storage.ts";
import { only } from "../../deploy.ts";
import { inAmazon } from "./amazon.ts";

const deployed = async () => {
  const { resources } = await inAmazon(({ provider, id }) => {
    const kubernetes = new k8s.Provider("cluster");
    const snapshots = { everyHours: 12, keep: 5 };
    const args = { cluster: "shop", account: id, tags: { Owner: "team-shop" }, snapshots, kubernetes };
    return new Storage("storage", args, { provider });
  });
  return resources;
};

describe("Storage", () => {
  it("creates volumes that are encrypted, can grow, and outlive their claims", async () => {
    assert.deepEqual(only(await deployed(), "kubernetes:storage.k8s.io/v1:StorageClass").inputs, {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: "gp3" },
      provisioner: "ebs.csi.eks.amazonaws.com",
      parameters: {
        type: "gp3",
        encrypted: "true",
        tagSpecification_1: "Owner=team-shop",
        tagSpecification_2: "SlipwayCluster=shop",
      },
      reclaimPolicy: "Retain",
      volumeBindingMode: "WaitForFirstConsumer",
      allowVolumeExpansion: true,
    });
  });

  it("takes snapshots of every volume, and keeps the set number", async () => {
    const { inputs, dependsOn } = only(await deployed(), "aws:dlm/lifecyclePolicy:LifecyclePolicy");
    assert.equal(inputs.state, "ENABLED");
    assert.deepEqual(inputs.policyDetails, {
      resourceTypes: ["VOLUME"],
      targetTags: { SlipwayCluster: "shop" },
      schedules: [
        {
          name: "every 12 hours",
          createRule: { interval: 12, intervalUnit: "HOURS", times: "02:00" },
          retainRule: { count: 5 },
          copyTags: true,
        },
      ],
    });
    assert.ok(dependsOn.some((name) => name.includes("AWSDataLifecycleManagerServiceRole")));
  });

  it("lets the snapshot service act for this account only, with its own policy only", async () => {
    const resources = await deployed();
    const { policyArn } = only(resources, "aws:iam/rolePolicyAttachment:RolePolicyAttachment").inputs;
    assert.equal(policyArn, "arn:aws:iam::aws:policy/service-role/AWSDataLifecycleManagerServiceRole");
    const { assumeRolePolicy } = only(resources, "aws:iam/role:Role").inputs;
    assert.deepEqual(JSON.parse(assumeRolePolicy).Statement, [
      {
        Effect: "Allow",
        Principal: { Service: "dlm.amazonaws.com" },
        Action: ["sts:AssumeRole"],
        Condition: { StringEquals: { "aws:SourceAccount": "111122223333" } },
      },
    ]);
  });
});
