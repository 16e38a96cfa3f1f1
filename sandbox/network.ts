import { writeFileSync } from "node:fs";
import { attempt, run } from "./command.ts";
import { cluster } from "./places.ts";

const comment = ["-m", "comment", "--comment", "slipway-sandbox"];

/** The packet rules that pods need and that nothing else in the sandbox writes. */
const rules = [
  // Pods reach the outside under the machine's address.
  ["-t", "nat", "POSTROUTING", "-s", cluster.podRange, "!", "-d", cluster.podRange, ...comment, "-j", "MASQUERADE"],
  // A running Docker sets the policy for forwarded packets to DROP.
  ["-t", "filter", "FORWARD", "-s", cluster.podRange, ...comment, "-j", "ACCEPT"],
  ["-t", "filter", "FORWARD", "-d", cluster.podRange, ...comment, "-j", "ACCEPT"],
] as const;

/** Makes the bridge with the node's address, and lets packets pass between it and the world. Safe to repeat. @throws Failure */
export async function ensureNetwork(): Promise<void> {
  // Built into some kernels, a module in others, and only a failing pod would tell the difference.
  for (const name of ["br_netfilter", "overlay"]) await attempt(["modprobe", name]).catch(() => undefined);
  const address = `${cluster.nodeAddress}/${cluster.podRange.split("/")[1]}`;
  const { code } = await attempt(["ip", "link", "show", cluster.bridge]);
  if (code !== 0) await run(["ip", "link", "add", cluster.bridge, "type", "bridge"]);
  await run(["ip", "address", "replace", address, "dev", cluster.bridge]);
  await run(["ip", "link", "set", cluster.bridge, "up"]);
  writeFileSync("/proc/sys/net/ipv4/ip_forward", "1");
  writeFileSync("/proc/sys/net/bridge/bridge-nf-call-iptables", "1");
  for (const rule of rules) {
    const present = await attempt(iptables("-C", rule));
    if (present.code !== 0) await run(iptables("-I", rule));
  }
}

/** Takes away the bridge and the rules, kube-proxy's included. */
export async function removeNetwork(): Promise<void> {
  await attempt(["kube-proxy", "--cleanup"], { within: 30 }).catch(() => undefined);
  for (const rule of rules) {
    while ((await attempt(iptables("-D", rule))).code === 0);
  }
  await attempt(["ip", "link", "delete", cluster.bridge]);
}

function iptables(action: string, [flag, table, chain, ...rest]: readonly string[]): string[] {
  return ["iptables", "-w", "5", flag ?? "", table ?? "", action, chain ?? "", ...rest];
}
