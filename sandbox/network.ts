import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { attempt, run } from "./command.ts";
import { removeKubeRules } from "./kube-chains.ts";
import { cluster, paths } from "./paths.ts";
import { readIfPresent } from "./read-file.ts";

const comment = ["-m", "comment", "--comment", "slipway-sandbox"];

/** Packet rules that pods need, besides those of kube-proxy and kube-router. */
const rules = [
  // Pods reach other networks under the machine's address.
  ["-t", "nat", "POSTROUTING", "-s", cluster.podRange, "!", "-d", cluster.podRange, ...comment, "-j", "MASQUERADE"],
  // A running Docker sets the policy for forwarded packets to DROP.
  ["-t", "filter", "FORWARD", "-s", cluster.podRange, ...comment, "-j", "ACCEPT"],
  ["-t", "filter", "FORWARD", "-d", cluster.podRange, ...comment, "-j", "ACCEPT"],
  // A packet that kube-proxy has not translated yet would leave the machine, and its connection would hang.
  ["-t", "filter", "OUTPUT", "-d", cluster.serviceRange, ...comment, "-j", "REJECT"],
  ["-t", "filter", "FORWARD", "-d", cluster.serviceRange, ...comment, "-j", "REJECT"],
] as const;

/** Kernel settings that the sandbox, its kubelet or its kube-proxy change. */
const kernelSettings = [
  "net/ipv4/ip_forward",
  "net/ipv4/conf/all/route_localnet",
  "net/bridge/bridge-nf-call-iptables",
  "vm/overcommit_memory",
  "kernel/panic",
  "kernel/panic_on_oops",
].map((name) => join("/proc/sys", name));
const settingsBefore = join(paths.root, "kernel-settings.json");

/** Name of the bridge on this run of the sandbox: its folder, a space and a random id. */
const nameFile = join(paths.run, "bridge");
const aliasFile = `/sys/class/net/${cluster.bridge}/ifalias`;
const read = (path: string): string | undefined => readIfPresent(path)?.trim();

/** Folder of the sandbox that made the bridge; empty if the bridge has no name, undefined if there is no bridge. */
export function bridgeMaker(): string | undefined {
  return read(aliasFile)?.replace(/ \S+$/, "");
}

/**
 * Tells if this run of the sandbox made the bridge, or there is none yet. If every process of a sandbox was killed, its pods
 * stay on the bridge, and their addresses would be assigned a second time.
 */
export function bridgeIsOwn(): boolean {
  return read(aliasFile) === read(nameFile);
}

/** Creates the bridge with the node's address and routes packets between it and other networks. Idempotent. @throws UserError if a program fails */
export async function ensureNetwork(): Promise<void> {
  // Modules in some kernels, built into others.
  for (const name of ["br_netfilter", "overlay"]) await attempt(["modprobe", name]).catch(() => undefined);
  saveKernelSettings();
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
 * Tells if parts of a network of this sandbox may be left. The saved settings exist before the bridge does and are deleted last.
 * After this sandbox was killed, another checkout's may have replaced the network.
 */
export function networkIsOwn(): boolean {
  return existsSync(settingsBefore) && (bridgeMaker() || paths.root) === paths.root;
}

/** Removes the bridge, whoever made it, and all packet rules, and restores the kernel's settings. @throws UserError if a program fails */
export async function removeNetwork(): Promise<void> {
  await removeKubeRules();
  for (const rule of rules) {
    while ((await attempt(iptables("-D", rule))).code === 0);
  }
  await attempt(["ip", "link", "delete", cluster.bridge]);
  restoreKernelSettings();
}

function saveKernelSettings(): void {
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
