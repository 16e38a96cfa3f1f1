import { z } from "zod";
import { dnsLabel, uniqueList } from "./building-blocks.ts";

/** Name of every public address, among destinations. No namespace of that name can be a destination. */
export const internet = "internet";

/**
 * Ranges of public addresses. IPv4: all but private, shared, loopback and link-local ones, at which clouds hand out
 * credentials. IPv6: global unicast, which has none of these; kube-router would let an exception of `::/0` through.
 *
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry
 */
export const publicRanges = [
  {
    cidr: "0.0.0.0/0",
    except: ["10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"],
  },
  { cidr: "2000::/3" },
];

/** Destination of outgoing connections. */
export interface Destination {
  /** Namespace, range of addresses, or `internet`. */
  readonly to: string;
  /** Only port. @default all ports */
  readonly port?: number;
}

const range = z.union([z.cidrv4(), z.cidrv6()]);
const namespace = dnsLabel("mail");

/** Reads a destination, as in `mail:25`, `10.0.0.0/8` or `[2001:db8::/32]:443`; undefined if it is none. */
export function parseDestination(text: string): Destination | undefined {
  if (z.cidrv6().safeParse(text).success) return { to: text, port: undefined };
  const [, ipv6, other, digits] = /^(?:\[(.+)\](?=:)|([^:]+))(?::([1-9]\d{0,4}))?$/.exec(text) ?? [];
  const to = ipv6 ?? other ?? "";
  const port = digits === undefined ? undefined : Number(digits);
  const isDestination = ipv6 ? z.cidrv6().safeParse(ipv6).success : range.or(namespace).safeParse(to).success;
  return isDestination && (port ?? 1) <= 65535 ? { to, port } : undefined;
}

/** Allowed destinations, in words. */
export const allowedDestination =
  "the name of a namespace, a range of addresses or internet, each with or without a port, as in mail, mail:25, 10.0.0.0/8:5432, [2001:db8::/32]:443 or internet:443 (no host names: network policies know addresses)";
const destination = z
  .string({ error: allowedDestination })
  .refine(parseDestination, { error: allowedDestination })
  .meta({ examples: ["mail:25"] });

/** Destinations that pods may connect to. */
export const destinations = uniqueList(
  "namespaces, ranges of addresses and internet, as in [mail:25, internet:443]",
  destination,
  ["mail:25", "10.0.0.0/8:5432", "internet:443"],
).min(1, { error: "at least one namespace, range of addresses or internet" });
