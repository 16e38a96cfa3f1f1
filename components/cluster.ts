import * as k8s from "@pulumi/kubernetes";

/** Where to deploy to. */
export interface ClusterArgs {
  /** Name of a context in the kubeconfig. */
  readonly context: string;
  /** Path of the kubeconfig; default `$KUBECONFIG`, else `~/.kube/config`. */
  readonly kubeconfig?: string;
}

/** A provider for one cluster, by the name of its context: never for whatever happens to be current. */
export function connect({ context, kubeconfig }: ClusterArgs): k8s.Provider {
  // Mutable ConfigMaps let the release's name change under running pods; Secrets stay immutable, so that a new value
  // gets a new name and with it a rollout.
  // Fields that somebody changed by hand are taken back: a conflict about them would stop an urgent deployment.
  return new k8s.Provider("cluster", { context, kubeconfig, enableConfigMapMutable: true, enablePatchForce: true });
}
