import { existsSync, lstatSync, readdirSync, readlinkSync, rmdirSync, rmSync } from "node:fs";
import { join, sep } from "node:path";
import { paths } from "./paths.ts";
import { readIfPresent } from "./read-file.ts";

/**
 * Removes the files and cgroups that the node's programs leave outside the sandbox's folder. Another sandbox's have the same
 * names, so call it only for the stopped sandbox that made the network last.
 *
 * @param system root of the file system
 */
export function removeTraces(system = "/"): void {
  removePodCgroups(join(system, "sys/fs/cgroup"));
  removeLogLinks(join(system, "var/log/containers"));
  removeNetworkResults(join(system, "var/lib/cni/results"));
}

/** Removes the kubelet's cgroups in every hierarchy; none if one has a process, because then they are not the sandbox's. */
function removePodCgroups(folder: string): void {
  const hierarchies = [folder, ...namesIn(folder).map((name) => join(folder, name))];
  const roots = hierarchies.map((hierarchy) => join(hierarchy, "kubepods")).filter(isFolder);
  const all = roots.flatMap((root) => [root, ...namesIn(root, true).map((name) => join(root, name))]).filter(isFolder);
  if (all.some((cgroup) => (readIfPresent(join(cgroup, "cgroup.procs")) ?? "") !== "")) return;
  for (const cgroup of all.sort((a, b) => b.length - a.length)) {
    try {
      rmdirSync(cgroup);
    } catch {
      // The kernel still uses it; an empty cgroup costs nothing.
    }
  }
}

function removeLogLinks(folder: string): void {
  for (const path of namesIn(folder).map((name) => join(folder, name)))
    if (lstatSync(path).isSymbolicLink() && readlinkSync(path).startsWith(paths.log + sep)) rmSync(path);
}

/** Removes the cached results of the network plugins: two for each pod. */
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
