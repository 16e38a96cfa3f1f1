import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { environment, paths } from "../../sandbox/paths.ts";
import { removeTraces } from "../../sandbox/traces.ts";

describe("What the sandbox leaves outside its folder", () => {
  let system = "";
  beforeEach(() => {
    system = mkdtempSync(join(tmpdir(), "slipway-traces-"));
  });
  afterEach(() => rmSync(system, { recursive: true }));

  const make = (path: string, text?: string) => {
    mkdirSync(join(system, text === undefined ? path : dirname(path)), { recursive: true });
    if (text !== undefined) writeFileSync(join(system, path), text);
  };

  it("is not what kubectl remembers", () => {
    assert.ok(environment().KUBECACHEDIR?.startsWith(paths.root));
  });

  it("are no cgroups of pods, in whichever hierarchy, nor those of nobody else", () => {
    for (const path of ["memory/kubepods/burstable/pod1/container", "cpu/kubepods", "kubepods/pod1", "memory/other"])
      make(join("sys/fs/cgroup", path));
    removeTraces(system);
    const left = readdirSync(join(system, "sys/fs/cgroup"), { recursive: true, encoding: "utf8" }).sort();
    assert.deepEqual(left, ["cpu", "memory", "memory/other"]);
  });

  it("are cgroups where a process runs: it is somebody else's", () => {
    make("sys/fs/cgroup/memory/kubepods/pod1/cgroup.procs", "42\n");
    make("sys/fs/cgroup/cpu/kubepods/pod1");
    removeTraces(system);
    assert.ok(existsSync(join(system, "sys/fs/cgroup/cpu/kubepods/pod1")));
  });

  it("are no links to its logs, and no results of its network", () => {
    const links = "var/log/containers";
    make(links);
    symlinkSync(join(paths.log, "pods", "web.log"), join(system, links, "own"));
    symlinkSync("/var/log/pods/web.log", join(system, links, "others"));
    make(join(links, "file"), "");
    const results = "var/lib/cni/results";
    for (const name of ["slipway-1a-eth0", "cni-loopback-1a-lo", "podman-2b-eth0", "cni-loopback-2b-lo"])
      make(join(results, name), "{}");
    removeTraces(system);
    assert.deepEqual(readdirSync(join(system, links)).sort(), ["file", "others"]);
    assert.deepEqual(readdirSync(join(system, results)).sort(), ["cni-loopback-2b-lo", "podman-2b-eth0"]);
  });
});
