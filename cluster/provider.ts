import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/** Arguments of {@link connect}. */
export interface ClusterArgs {
  /** Name of a context in the kubeconfig. @default the current one of a kubeconfig given as text */
  readonly context?: string;
  /** Path or text of the kubeconfig. @default `$KUBECONFIG`, else `~/.kube/config` */
  readonly kubeconfig?: pulumi.Input<string>;
  /** Identity of the cluster, the same however it is reached. @default derived from the kubeconfig */
  readonly clusterIdentifier?: pulumi.Input<string>;
  /** Resources that have to exist before the cluster can be reached. @default none */
  readonly dependsOn?: pulumi.Resource[];
}

/** Creates the provider for one cluster, by its context or its kubeconfig: never for whichever context is current. */
export function connect({ context, kubeconfig, clusterIdentifier, dependsOn }: ClusterArgs): k8s.Provider {
  // Mutable ConfigMaps let the release's name change under running pods. Secrets stay immutable: a new value gets a new
  // name, and with it a rollout.
  return new k8s.Provider(
    "cluster",
    { context, kubeconfig, clusterIdentifier, enableConfigMapMutable: true },
    { dependsOn },
  );
}
