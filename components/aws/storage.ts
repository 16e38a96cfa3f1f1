import * as dlm from "@pulumi/aws/dlm/index.js";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { serviceRole, trustIn } from "./roles.ts";

/** Arguments of {@link Storage}. */
export interface StorageArgs {
  /** Name of the cluster whose volumes they are. */
  readonly cluster: string;
  readonly account: string;
  /** Tags of every volume. */
  readonly tags: Readonly<Record<string, string>>;
  readonly snapshots: {
    /** Hours between two of a volume: 1, 2, 3, 4, 6, 8, 12 or 24. */
    readonly everyHours: number;
    /** How many of each volume to keep. */
    readonly keep: number;
  };
  /** For the cluster. */
  readonly kubernetes: pulumi.ProviderResource;
}

/** Tag by which a cluster's volumes are found, and their snapshots: by people too, when the cluster is gone. */
export const volumeTag = "SlipwayCluster";

/**
 * Volumes on Amazon EBS: encrypted, made in the zone of the pod that first needs them, kept when their claim is deleted.
 * Snapshots are made of each on a schedule, by Amazon and not by the cluster: they outlive it, and so do the volumes.
 */
export class Storage extends pulumi.ComponentResource {
  /** Name of the storage class. Not an output: a class that is made anew, as for another owner, must not renew the claims. */
  readonly className = "gp3";

  constructor(name: string, args: StorageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:index:Storage", name, {}, opts);
    const tags = Object.entries({ ...args.tags, [volumeTag]: args.cluster });
    new k8s.storage.v1.StorageClass(
      `${name}-gp3`,
      {
        metadata: { name: this.className },
        provisioner: "ebs.csi.eks.amazonaws.com",
        parameters: {
          type: "gp3",
          encrypted: "true",
          ...Object.fromEntries(
            tags.map(([key, value], place) => [`tagSpecification_${place + 1}`, `${key}=${value}`]),
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
      { trust: trustIn("dlm", args.account), policies: ["service-role/AWSDataLifecycleManagerServiceRole"] },
      { parent: this },
    );
    new dlm.LifecyclePolicy(
      `${name}-snapshots`,
      {
        description: `Snapshots of the volumes of ${args.cluster}`.replace(/[^\w -]/g, "-"),
        executionRoleArn: role.arn,
        state: "ENABLED",
        policyDetails: {
          resourceTypes: ["VOLUME"],
          targetTags: { [volumeTag]: args.cluster },
          schedules: [
            {
              name: `every ${args.snapshots.everyHours} hours`,
              createRule: { interval: args.snapshots.everyHours, intervalUnit: "HOURS", times: "02:00" },
              retainRule: { count: args.snapshots.keep },
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
