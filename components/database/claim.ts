import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { sameFieldManager, skipAwait } from "../../cluster/annotations.ts";
import type { DatabaseArgs } from "../database.ts";

/** Arguments of {@link dataClaim}. */
interface ClaimArgs extends Pick<DatabaseArgs, "namespace" | "storage" | "storageClass"> {
  /** Writers: one pod, or any number. @default "ReadWriteOnce" */
  readonly access?: "ReadWriteOnce" | "ReadWriteMany";
}

/** Creates the claim of a volume with data. Its name is fixed: it must not depend on a random suffix. */
export const dataClaim = (
  resourceName: string,
  name: string,
  { namespace, storage, storageClass, access = "ReadWriteOnce" }: ClaimArgs,
  labels: Record<string, string>,
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.PersistentVolumeClaim =>
  new k8s.core.v1.PersistentVolumeClaim(
    resourceName,
    {
      metadata: { name, namespace, labels, annotations: { ...sameFieldManager, ...skipAwait } },
      spec: {
        accessModes: [access],
        storageClassName: storageClass,
        resources: { requests: { storage } },
      },
    },
    opts,
  );
