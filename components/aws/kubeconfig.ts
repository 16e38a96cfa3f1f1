import * as pulumi from "@pulumi/pulumi";

/** How to get to a cluster. */
export interface ClusterAccess {
  /** A kubeconfig without any credentials: they are asked for when they are needed, and last for 15 minutes. */
  readonly kubeconfig: pulumi.Output<string>;
  /** What makes it another cluster: its ARN. */
  readonly clusterIdentifier: pulumi.Output<string>;
  /** Address that answers its pods' questions for names; known where that is not a pod itself. */
  readonly dns: pulumi.Output<string>;
  /** What has to be there before anything can be asked of it. */
  readonly dependsOn: pulumi.Resource[];
}

/**
 * A kubeconfig for a cluster of Amazon's.
 *
 * @param cluster name, address, and certificate of its authority (base64)
 */
export const kubeconfigFor = (
  cluster: {
    readonly name: pulumi.Input<string>;
    readonly endpoint: pulumi.Input<string>;
    readonly certificate: pulumi.Input<string>;
  },
  region: string,
): pulumi.Output<string> =>
  pulumi.all([cluster.name, cluster.endpoint, cluster.certificate]).apply(([name, server, certificate]) =>
    JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name, cluster: { server, "certificate-authority-data": certificate } }],
      contexts: [{ name, context: { cluster: name, user: name } }],
      "current-context": name,
      users: [
        {
          name,
          user: {
            exec: {
              apiVersion: "client.authentication.k8s.io/v1beta1",
              command: "aws",
              args: ["--region", region, "eks", "get-token", "--cluster-name", name, "--output", "json"],
              interactiveMode: "Never",
            },
          },
        },
      ],
    }),
  );
