import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { allowedDestination, internet, parseDestination, publicRanges } from "../../settings/destinations.ts";
import { UserError } from "../../settings/user-error.ts";

/** Arguments of {@link outgoing}. */
export interface OutgoingArgs {
  /** Namespace of the pods. */
  readonly namespace: pulumi.Input<string>;
  /** Namespaces, ranges of addresses and `internet`, each with or without a port. @default none */
  readonly allowTo?: readonly string[];
}

/**
 * Creates the policy that lets pods connect to destinations, besides what other policies allow.
 *
 * @param labels of the pods
 * @returns the policy, for `dependsOn`; nothing without destinations
 * @throws UserError if one is no destination
 */
export const outgoing = (
  name: string,
  { namespace, allowTo = [] }: OutgoingArgs,
  labels: Record<string, string>,
  opts: pulumi.CustomResourceOptions,
): k8s.networking.v1.NetworkPolicy[] =>
  allowTo.length === 0
    ? []
    : [
        new k8s.networking.v1.NetworkPolicy(
          `${name}-outgoing`,
          {
            metadata: { namespace },
            spec: { podSelector: { matchLabels: labels }, policyTypes: ["Egress"], egress: allowTo.map(rule) },
          },
          opts,
        ),
      ];

/** Rule of its own for each destination: engines merge the ranges of one rule, and with them the exceptions. */
function rule(destination: string): k8s.types.input.networking.v1.NetworkPolicyEgressRule {
  const parsed = parseDestination(destination);
  if (!parsed) throw new UserError(`allowTo has ${destination}; allowed: ${allowedDestination}`);
  const { to, port } = parsed;
  return { to: peers(to), ports: port === undefined ? undefined : [{ protocol: "TCP", port }] };
}

const peers = (to: string) => (to === internet ? publicRanges.map((ipBlock) => ({ ipBlock })) : [peer(to)]);

/** Peer of a network policy: an address range contains a slash, a namespace's name does not. */
export const peer = (name: string) =>
  name.includes("/")
    ? { ipBlock: { cidr: name } }
    : { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } } };
