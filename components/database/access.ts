import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { DatabaseArgs } from "../database.ts";
import { dnsServers } from "../pods/dns-servers.ts";
import { databasePort } from "./client.ts";

/** Creates the network policies of the server (reached by its clients only) and of its clients (reach it and DNS). */
export function accessPolicies(
  name: string,
  { namespace, dns }: Pick<DatabaseArgs, "namespace" | "dns">,
  { server, client }: Readonly<Record<"server" | "client", Record<string, string>>>,
  opts: pulumi.CustomResourceOptions,
): k8s.networking.v1.NetworkPolicy[] {
  const ports = [{ protocol: "TCP", port: databasePort }];
  const ofServer = new k8s.networking.v1.NetworkPolicy(
    `${name}-clients`,
    {
      metadata: { namespace },
      spec: {
        podSelector: { matchLabels: server },
        policyTypes: ["Ingress", "Egress"],
        ingress: [{ from: [{ podSelector: { matchLabels: client } }], ports }],
      },
    },
    opts,
  );
  const to = [{ podSelector: { matchLabels: server } }];
  return [ofServer, clientPolicy(name, { namespace, dns, to, port: databasePort }, client, opts)];
}

/** Where a database is, and where the DNS servers are. */
interface Destination extends Pick<DatabaseArgs, "namespace" | "dns"> {
  readonly to: k8s.types.input.networking.v1.NetworkPolicyPeer[];
  readonly port: number;
}

/** Creates the network policy of a database's clients: they reach it and DNS. */
export const clientPolicy = (
  name: string,
  { namespace, dns, to, port }: Destination,
  client: Record<string, string>,
  opts: pulumi.CustomResourceOptions,
): k8s.networking.v1.NetworkPolicy =>
  new k8s.networking.v1.NetworkPolicy(
    `${name}-access`,
    {
      metadata: { namespace },
      spec: {
        podSelector: { matchLabels: client },
        policyTypes: ["Egress"],
        // Clients know the database by its name, so they need DNS as well.
        egress: [{ to, ports: [{ protocol: "TCP", port }] }, ...dnsServers(dns)],
      },
    },
    opts,
  );
