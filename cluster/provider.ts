import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/** Where to deploy to. */
export interface ClusterArgs {
  /** Name of a context in the kubeconfig. Default: that of a kubeconfig given as text, which is its own. */
  readonly context?: string;
  /** Path of the kubeconfig, or the kubeconfig itself; default `$KUBECONFIG`, else `~/.kube/config`. */
  readonly kubeconfig?: pulumi.Input<string>;
  /** What tells it from every other cluster; default: by its kubeconfig. */
  readonly clusterIdentifier?: pulumi.Input<string>;
  /** What has to be there before it lets anybody in. Default: nothing. */
  readonly dependsOn?: pulumi.Resource[];
}

/** A provider for one cluster, by the name of its context or by its own kubeconfig: never for whatever happens to be current. */
export function connect({ context, kubeconfig, clusterIdentifier, dependsOn }: ClusterArgs): k8s.Provider {
  // Mutable ConfigMaps let the release's name change under running pods; Secrets stay immutable, so that a new value
  // gets a new name and with it a rollout.
  return new k8s.Provider(
    "cluster",
    { context, kubeconfig, clusterIdentifier, enableConfigMapMutable: true },
    { dependsOn },
  );
}
