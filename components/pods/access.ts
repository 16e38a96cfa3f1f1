import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { dnsServers } from "./dns-servers.ts";

/** Port of a server, and the DNS servers by which its clients find it. */
interface Access {
  readonly namespace: pulumi.Input<string>;
  readonly port: number;
  /** IP addresses of DNS servers besides the pods of kube-system. @default none */
  readonly dns?: readonly pulumi.Input<string>[];
}

/**
 * Creates the network policies of a server (reached by its clients only, reaches nothing) and of its clients (reach it and DNS).
 *
 * @param names of the two resources
 * @param labels of the two kinds of pods
 */
export function accessPolicies(
  names: Readonly<Record<"server" | "client", string>>,
  { namespace, port, dns }: Access,
  labels: Readonly<Record<"server" | "client", Record<string, string>>>,
  opts: pulumi.CustomResourceOptions,
): k8s.networking.v1.NetworkPolicy[] {
  const podsOf = (kind: "server" | "client") => [{ podSelector: { matchLabels: labels[kind] } }];
  const ofServer = new k8s.networking.v1.NetworkPolicy(
    names.server,
    {
      metadata: { namespace },
      spec: {
        podSelector: { matchLabels: labels.server },
        policyTypes: ["Ingress", "Egress"],
        ingress: [{ from: podsOf("client"), ports: [{ protocol: "TCP", port }] }],
      },
    },
    opts,
  );
  return [ofServer, clientPolicy(names.client, { namespace, dns, port, to: podsOf("server") }, labels.client, opts)];
}

/** Creates the network policy of a server's clients: they reach it and DNS. @param to pods or addresses of the server */
export const clientPolicy = (
  name: string,
  { namespace, port, dns, to }: Access & { readonly to: k8s.types.input.networking.v1.NetworkPolicyPeer[] },
  client: Record<string, string>,
  opts: pulumi.CustomResourceOptions,
): k8s.networking.v1.NetworkPolicy =>
  new k8s.networking.v1.NetworkPolicy(
    name,
    {
      metadata: { namespace },
      spec: {
        podSelector: { matchLabels: client },
        policyTypes: ["Egress"],
        // Clients know the server by its name, so they need DNS as well.
        egress: [{ to, ports: [{ protocol: "TCP", port }] }, ...dnsServers(dns)],
      },
    },
    opts,
  );
