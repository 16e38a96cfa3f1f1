import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { AccessoryArgs } from "../accessory.ts";
import { dnsServers } from "../pods/dns-servers.ts";

/** Creates the network policies of an accessory (reached by its clients only, reaches nothing) and of its clients. */
export function accessoryPolicies(
  name: string,
  { namespace, port, dns }: Pick<AccessoryArgs, "namespace" | "port" | "dns">,
  { server, client }: Readonly<Record<"server" | "client", Record<string, string>>>,
  opts: pulumi.CustomResourceOptions,
): void {
  const ports = [{ protocol: "TCP", port }];
  new k8s.networking.v1.NetworkPolicy(
    name,
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
  new k8s.networking.v1.NetworkPolicy(
    `${name}-access`,
    {
      metadata: { namespace },
      spec: {
        podSelector: { matchLabels: client },
        policyTypes: ["Egress"],
        // Clients know it by its name, so they need DNS as well.
        egress: [{ to: [{ podSelector: { matchLabels: server } }], ports }, ...dnsServers(dns)],
      },
    },
    opts,
  );
}
