import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { sameFieldManager, skipAwait } from "../../cluster/annotations.ts";

/** Arguments of {@link dataClaim}. */
export interface ClaimArgs {
  /** Name of the claim. Fixed: the name of the data must not depend on a random suffix. */
  readonly name: string;
  readonly namespace: pulumi.Input<string>;
  readonly labels: Record<string, string>;
  /** Size, as a Kubernetes quantity; it can grow, never shrink. */
  readonly storage: pulumi.Input<string>;
  /** Storage class. @default the cluster's default class */
  readonly storageClass?: pulumi.Input<string>;
}

/** Creates the claim of a volume with data. */
export const dataClaim = (
  resourceName: string,
  { name, namespace, labels, storage, storageClass }: ClaimArgs,
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.PersistentVolumeClaim =>
  new k8s.core.v1.PersistentVolumeClaim(
    resourceName,
    {
      metadata: { name, namespace, labels, annotations: { ...sameFieldManager, ...skipAwait } },
      spec: {
        accessModes: ["ReadWriteOnce"],
        storageClassName: storageClass,
        resources: { requests: { storage } },
      },
    },
    opts,
  );
