import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { attempt, run } from "./command.ts";
import { removeKubeRules } from "./kube-chains.ts";
import { cluster, paths } from "./paths.ts";

const comment = ["-m", "comment", "--comment", "slipway-sandbox"];

/** The packet rules that pods need and that nothing else in the sandbox writes. */
const rules = [
  // Pods reach the outside under the machine's address.
  ["-t", "nat", "POSTROUTING", "-s", cluster.podRange, "!", "-d", cluster.podRange, ...comment, "-j", "MASQUERADE"],
  // A running Docker sets the policy for forwarded packets to DROP.
  ["-t", "filter", "FORWARD", "-s", cluster.podRange, ...comment, "-j", "ACCEPT"],
  ["-t", "filter", "FORWARD", "-d", cluster.podRange, ...comment, "-j", "ACCEPT"],
  // What kube-proxy has not translated yet would leave the machine, and the connection would never reach the Service.
  ["-t", "filter", "OUTPUT", "-d", cluster.serviceRange, ...comment, "-j", "REJECT"],
  ["-t", "filter", "FORWARD", "-d", cluster.serviceRange, ...comment, "-j", "REJECT"],
] as const;

/** Settings of the kernel that the sandbox, its kubelet or its kube-proxy change. */
const kernelSettings = [
  "net/ipv4/ip_forward",
  "net/ipv4/conf/all/route_localnet",
  "net/bridge/bridge-nf-call-iptables",
  "vm/overcommit_memory",
  "kernel/panic",
  "kernel/panic_on_oops",
].map((name) => join("/proc/sys", name));
const settingsBefore = join(paths.root, "kernel-settings.json");

/** What the bridge is called on this run of the sandbox: its folder, a space, and a number that no other run has. */
const nameFile = join(paths.run, "bridge");
const aliasFile = `/sys/class/net/${cluster.bridge}/ifalias`;
const read = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, "utf8").trim() : undefined);

/** The folder of the sandbox that made the bridge; empty where it doesn't say, undefined where there is none. */
export function bridgeMaker(): string | undefined {
  return read(aliasFile)?.replace(/ \S+$/, "");
}

/**
 * Whether this run of the sandbox made the bridge, or there is none yet. Where every process of a sandbox was killed, its
 * pods keep their places on the bridge, with addresses that another checkout, or this one without its files, would give
 * away a second time.
 */
export function bridgeIsOwn(): boolean {
  return read(aliasFile) === read(nameFile);
}

/** Makes the bridge with the node's address, and lets packets pass between it and the world. Safe to repeat. @throws UserError */
export async function ensureNetwork(): Promise<void> {
  // Built into some kernels, a module in others, and only a failing pod would tell the difference.
  for (const name of ["br_netfilter", "overlay"]) await attempt(["modprobe", name]).catch(() => undefined);
  rememberKernelSettings();
  const address = `${cluster.nodeAddress}/${cluster.podRange.split("/")[1]}`;
  const { code } = await attempt(["ip", "link", "show", cluster.bridge]);
  if (code !== 0) await run(["ip", "link", "add", cluster.bridge, "type", "bridge"]);
  await run(["ip", "address", "replace", address, "dev", cluster.bridge]);
  const name = read(nameFile) ?? `${paths.root} ${randomUUID()}`;
  writeFileSync(nameFile, name);
  await run(["ip", "link", "set", cluster.bridge, "up", "alias", name]);
  writeFileSync("/proc/sys/net/ipv4/ip_forward", "1");
  writeFileSync("/proc/sys/net/bridge/bridge-nf-call-iptables", "1");
  for (const rule of rules) {
    const present = await attempt(iptables("-C", rule));
    if (present.code !== 0) await run(iptables("-I", rule));
  }
}

/**
 * Whether there may be something of a network that this sandbox made. Settings are remembered before the bridge is made and forgotten
 * last. With this sandbox dead, another checkout's may have replaced the network by its own.
 */
export function networkIsOwn(): boolean {
  return existsSync(settingsBefore) && (bridgeMaker() || paths.root) === paths.root;
}

/** Takes away the bridge, whoever made it, and the rules, kube-proxy's and kube-router's included, and gives the kernel its own settings back. @throws UserError */
export async function removeNetwork(): Promise<void> {
  await removeKubeRules();
  for (const rule of rules) {
    while ((await attempt(iptables("-D", rule))).code === 0);
  }
  await attempt(["ip", "link", "delete", cluster.bridge]);
  restoreKernelSettings();
}

function rememberKernelSettings(): void {
  if (existsSync(settingsBefore)) return;
  const values = kernelSettings.filter(existsSync).map((path) => [path, readFileSync(path, "utf8").trim()]);
  writeFileSync(`${settingsBefore}.new`, JSON.stringify(Object.fromEntries(values)));
  renameSync(`${settingsBefore}.new`, settingsBefore);
}

function restoreKernelSettings(): void {
  if (!existsSync(settingsBefore)) return;
  const values: Record<string, string> = JSON.parse(readFileSync(settingsBefore, "utf8"));
  for (const [path, value] of Object.entries(values)) if (existsSync(path)) writeFileSync(path, value);
  rmSync(settingsBefore);
}

function iptables(action: string, [flag, table, chain, ...rest]: readonly string[]): string[] {
  return ["iptables", "-w", "5", flag ?? "", table ?? "", action, chain ?? "", ...rest];
}
