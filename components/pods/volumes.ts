import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { claimName, singleWriter, volumeName } from "../../settings/volumes.ts";
import { dataClaim } from "../database/claim.ts";

/** Volume of a container. With `storage` it is a claim, which outlives every pod; without, a scratch folder of its pod. */
export interface VolumeArgs {
  /** Size of the claim, as a Kubernetes quantity; it can grow, never shrink. @default a scratch folder */
  readonly storage?: string;
  /** Storage class of the claim. @default the cluster's default class */
  readonly storageClass?: pulumi.Input<string>;
  /** Writers of the claim: one pod, or any number. @default "ReadWriteOnce" */
  readonly access?: "ReadWriteOnce" | "ReadWriteMany";
  /** End of the claim's name. @default the last part of the path */
  readonly name?: string;
  /** Keeps the claim even when the stack is destroyed. @default false */
  readonly protect?: boolean;
  /** Size limit of the scratch folder. @default "64Mi" */
  readonly size?: string;
}

/** Volumes by the path at which they are mounted. */
export type VolumesArgs = Readonly<Record<string, VolumeArgs>>;

/** Tells if a volume has one writer, so that a pod has to stop before its successor starts. */
export const stopsFirst = (volumes: VolumesArgs = {}): boolean => singleWriter(volumes) !== undefined;

/**
 * Seconds without progress after which a rollout has failed. While a pod stops before its successor starts, there is none.
 *
 * @param stopsWithin seconds in which a pod stops
 */
export const rolloutDeadline = (
  { deadlineSeconds, volumes }: { readonly deadlineSeconds: number; readonly volumes?: VolumesArgs },
  stopsWithin: number,
): number => deadlineSeconds + (stopsFirst(volumes) ? stopsWithin : 0);

/** Names of claims by the path at which they are mounted. */
export type Claims = Readonly<Record<string, pulumi.Output<string>>>;

/**
 * Creates the claims of a container's volumes.
 *
 * @param owner name of what mounts them: their names begin with it
 */
export function volumeClaims(
  owner: string,
  { namespace, volumes = {} }: { readonly namespace: pulumi.Input<string>; readonly volumes?: VolumesArgs },
  labels: Record<string, string>,
  parent: pulumi.ComponentResource,
): Claims {
  const claims = Object.entries(volumes).flatMap(([path, { storage, storageClass, access, name, protect }]) => {
    if (storage === undefined) return [];
    const claim = claimName(owner, path, { name });
    const options = { parent, protect, retainOnDelete: protect };
    const { metadata } = dataClaim(claim, claim, { namespace, storage, storageClass, access }, labels, options);
    return [[path, metadata.name] as const];
  });
  return Object.fromEntries(claims);
}

/**
 * Parts of a pod and of its container that mount volumes.
 *
 * @param claims of those that outlive the pod; one that has none here is left out, as in a migration's pod
 */
export function volumeParts(
  volumes: VolumesArgs = {},
  claims: Claims = {},
): { volumes: k8s.types.input.core.v1.Volume[]; volumeMounts: k8s.types.input.core.v1.VolumeMount[] } {
  const mounted = Object.entries(volumes).filter(([path, { storage }]) => storage === undefined || path in claims);
  return {
    volumes: mounted.map(([path, { size = "64Mi" }]) => {
      const claimName = claims[path];
      const source = claimName ? { persistentVolumeClaim: { claimName } } : { emptyDir: { sizeLimit: size } };
      return { name: volumeName(path), ...source };
    }),
    volumeMounts: mounted.map(([path]) => ({ name: volumeName(path), mountPath: path })),
  };
}
