import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { environment, paths } from "../../sandbox/paths.ts";
import { removeTraces } from "../../sandbox/traces.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

describe("The sandbox's traces outside its folder", () => {
  const system = new TemporaryFolder();
  const makeFolder = (path: string) => mkdirSync(system.path(path), { recursive: true });

  it("do not include kubectl's cache", () => {
    assert.ok(environment().KUBECACHEDIR?.startsWith(paths.root));
  });

  it("include cgroups of pods in every hierarchy, but no others", () => {
    for (const path of ["memory/kubepods/burstable/pod1/container", "cpu/kubepods", "kubepods/pod1", "memory/other"])
      makeFolder(join("sys/fs/cgroup", path));
    removeTraces(system.path());
    const left = readdirSync(system.path("sys/fs/cgroup"), { recursive: true, encoding: "utf8" }).sort();
    assert.deepEqual(left, ["cpu", "memory", "memory/other"]);
  });

  it("do not include cgroups with a process, which is not the sandbox's", () => {
    system.write("sys/fs/cgroup/memory/kubepods/pod1/cgroup.procs", "42\n");
    makeFolder("sys/fs/cgroup/cpu/kubepods/pod1");
    removeTraces(system.path());
    assert.ok(existsSync(system.path("sys/fs/cgroup/cpu/kubepods/pod1")));
  });

  it("include links to its logs and results of its network plugins", () => {
    const links = "var/log/containers";
    makeFolder(links);
    symlinkSync(join(paths.log, "pods", "web.log"), system.path(links, "own"));
    symlinkSync("/var/log/pods/web.log", system.path(links, "others"));
    system.write(`${links}/file`);
    const results = "var/lib/cni/results";
    for (const name of ["slipway-1a-eth0", "cni-loopback-1a-lo", "podman-2b-eth0", "cni-loopback-2b-lo"])
      system.write(`${results}/${name}`, "{}");
    removeTraces(system.path());
    assert.deepEqual(readdirSync(system.path(links)).sort(), ["file", "others"]);
    assert.deepEqual(readdirSync(system.path(results)).sort(), ["cni-loopback-2b-lo", "podman-2b-eth0"]);
  });
});
