import * as pulumi from "@pulumi/pulumi";

/** Connection to a cluster. */
export interface ClusterAccess {
  /** Kubeconfig without credentials: they are requested when needed, and last for 15 minutes. */
  readonly kubeconfig: pulumi.Output<string>;
  /** ARN of the cluster. */
  readonly clusterIdentifier: pulumi.Output<string>;
  /** IP address of the cluster's DNS server. */
  readonly dns: pulumi.Output<string>;
  /** Resources that have to exist before anyone can connect. */
  readonly dependsOn: pulumi.Resource[];
}

/** Address of the DNS server among a cluster's Services: EKS reserves the tenth. */
export const dnsAddress = (serviceCidr: string): string => serviceCidr.replace(/\d+\/\d+$/, "10");

/**
 * Kubeconfig of an EKS cluster.
 *
 * @param cluster name, URL, and certificate of its authority (base64)
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
