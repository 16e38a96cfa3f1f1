import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

/**
 * Network policy rules that let pods query the cluster's DNS servers.
 *
 * @param addresses IP addresses of servers besides the pods of kube-system @default none
 */
export function dnsServers(
  addresses: readonly pulumi.Input<string>[] = [],
): k8s.types.input.networking.v1.NetworkPolicyEgressRule[] {
  const ports = [
    { protocol: "UDP", port: 53 },
    { protocol: "TCP", port: 53 },
  ];
  const pods = { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } } };
  const others = addresses.map((address) => ({ ipBlock: { cidr: singleAddress(address) } }));
  // An empty `to` would allow every destination.
  return [{ to: [pods], ports }, ...(others.length > 0 ? [{ to: others, ports }] : [])];
}

const singleAddress = (address: pulumi.Input<string>): pulumi.Output<string> =>
  pulumi.output(address).apply((address) => `${address}/${address.includes(":") ? 128 : 32}`);
