import * as dlm from "@pulumi/aws/dlm/index.js";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { serviceRole, trustIn } from "./roles.ts";

/** Arguments of {@link Storage}. */
export interface StorageArgs {
  /** Name of the cluster that the volumes belong to. */
  readonly cluster: string;
  /** Id of the account. */
  readonly account: string;
  /** Tags of every volume. */
  readonly tags: Readonly<Record<string, string>>;
  /** Schedule of the snapshots. */
  readonly snapshots: {
    /** Hours between two snapshots of a volume: 1, 2, 3, 4, 6, 8, 12 or 24. */
    readonly everyHours: number;
    /** Number of snapshots to keep of each volume. */
    readonly keep: number;
  };
  /** Provider for the cluster. */
  readonly kubernetes: pulumi.ProviderResource;
}

/** Tag of a cluster's volumes and snapshots. People find them by it when the cluster is gone. */
export const volumeTag = "SlipwayCluster";

/**
 * Volumes on Amazon EBS: encrypted, created in the zone of the first pod that needs them, kept when their claim is deleted.
 * AWS, not the cluster, takes snapshots on a schedule. Volumes and snapshots outlive the cluster.
 */
export class Storage extends pulumi.ComponentResource {
  /** Name of the storage class. Not an output: replacing the class must not replace the claims. */
  readonly className = "gp3";

  constructor(name: string, args: StorageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:index:Storage", name, {}, opts);
    const { cluster, account, snapshots } = args;
    const tags = Object.entries({ ...args.tags, [volumeTag]: cluster });
    new k8s.storage.v1.StorageClass(
      `${name}-gp3`,
      {
        metadata: { name: this.className },
        provisioner: "ebs.csi.eks.amazonaws.com",
        parameters: {
          type: "gp3",
          encrypted: "true",
          ...Object.fromEntries(
            tags.map(([key, value], index) => [`tagSpecification_${index + 1}`, `${key}=${value}`]),
          ),
        },
        reclaimPolicy: "Retain",
        volumeBindingMode: "WaitForFirstConsumer",
        allowVolumeExpansion: true,
      },
      { parent: this, provider: args.kubernetes },
    );
    const { role, attached } = serviceRole(
      `${name}-snapshots`,
      { trust: trustIn("dlm", account), policies: ["service-role/AWSDataLifecycleManagerServiceRole"] },
      { parent: this },
    );
    new dlm.LifecyclePolicy(
      `${name}-snapshots`,
      {
        description: `Snapshots of the volumes of ${cluster}`.replace(/[^\w -]/g, "-"),
        executionRoleArn: role.arn,
        state: "ENABLED",
        policyDetails: {
          resourceTypes: ["VOLUME"],
          targetTags: { [volumeTag]: cluster },
          schedules: [
            {
              name: `every ${snapshots.everyHours} hours`,
              createRule: { interval: snapshots.everyHours, intervalUnit: "HOURS", times: "02:00" },
              retainRule: { count: snapshots.keep },
              copyTags: true,
            },
          ],
        },
      },
      { parent: this, dependsOn: attached },
    );
    this.registerOutputs({ className: this.className });
  }
}
