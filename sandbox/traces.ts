import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, rmdirSync, rmSync } from "node:fs";
import { join, sep } from "node:path";
import { paths } from "./paths.ts";

/**
 * Removes what the node's programs leave outside the sandbox's folder, wherever it is configured to keep its own: for a stopped sandbox that
 * made the network last, since another one's would have the same names.
 *
 * @param system the root of the file system
 */
export function removeTraces(system = "/"): void {
  removePodCgroups(join(system, "sys/fs/cgroup"));
  removeLogLinks(join(system, "var/log/containers"));
  removeNetworkResults(join(system, "var/lib/cni/results"));
}

/** The kubelet's cgroups of pods, in every hierarchy: all of them, or none while one still has a process, which is not the sandbox's. */
function removePodCgroups(folder: string): void {
  const hierarchies = [folder, ...namesIn(folder).map((name) => join(folder, name))];
  const roots = hierarchies.map((hierarchy) => join(hierarchy, "kubepods")).filter(isFolder);
  const all = roots.flatMap((root) => [root, ...namesIn(root, true).map((name) => join(root, name))]).filter(isFolder);
  if (all.some((cgroup) => read(join(cgroup, "cgroup.procs")) !== "")) return;
  // The innermost first.
  for (const cgroup of all.sort((a, b) => b.length - a.length)) {
    try {
      rmdirSync(cgroup);
    } catch {
      // The kernel has not let go of it yet; an empty cgroup costs nothing.
    }
  }
}

function removeLogLinks(folder: string): void {
  for (const path of namesIn(folder).map((name) => join(folder, name)))
    if (lstatSync(path).isSymbolicLink() && readlinkSync(path).startsWith(paths.log + sep)) rmSync(path);
}

/** What the network plugins answered for each pod, on its network and on its loopback. */
function removeNetworkResults(folder: string): void {
  for (const name of namesIn(folder)) {
    const pod = /^slipway-(.+)-eth0$/.exec(name)?.[1];
    if (pod === undefined) continue;
    for (const result of [name, `cni-loopback-${pod}-lo`]) rmSync(join(folder, result), { force: true });
  }
}

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function namesIn(folder: string, recursive = false): string[] {
  return existsSync(folder) ? readdirSync(folder, { recursive, encoding: "utf8" }) : [];
}

function read(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}
