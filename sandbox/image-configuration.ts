import { join } from "node:path";
import { cluster, places, ports } from "./paths.ts";

/** The programs that a configuration file has to name by their place. */
export interface RuntimePrograms {
  readonly runc: string;
  /** Folder of the CNI plugins. */
  readonly cni: string;
}

/** The configuration files of what builds, keeps and runs images: their contents by path. */
export function imageConfiguration(programs: RuntimePrograms): Record<string, string> {
  return {
    [join(places.etc, "containerd.toml")]: containerd(programs),
    [join(places.etc, "hosts", cluster.registry, "hosts.toml")]: `server = "http://${cluster.registry}"\n`,
    // Official names are first looked up in the sandbox's own registry.
    [join(places.etc, "hosts", "docker.io", "hosts.toml")]:
      `[host."http://${cluster.registry}"]\n  capabilities = ["pull", "resolve"]\n`,
    [join(places.etc, "registry.yaml")]: JSON.stringify(registry, null, 2),
    [join(places.etc, "buildkitd.toml")]: buildkit(programs),
    [join(places.buildx, "instances", cluster.builder)]: JSON.stringify(builder, null, 2),
    // The one that is used unless another is asked for, whatever Docker's own context is.
    [join(places.buildx, "current")]: JSON.stringify({ Key: "", Name: cluster.builder, Global: true }),
  };
}

function containerd({ runc, cni }: RuntimePrograms): string {
  const cri = `plugins."io.containerd.grpc.v1.cri"`;
  return `version = 2
root = "${join(places.data, "containerd")}"
state = "${join(places.run, "containerd")}"
disabled_plugins = [
  "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs",
]
[grpc]
  address = "${places.containerdSocket}"
[plugins."io.containerd.internal.v1.opt"]
  path = "${join(places.data, "containerd", "opt")}"
[${cri}]
  sandbox_image = "${cluster.registry}/slipway/pause:1"
  # The machine may lack CAP_SYS_RESOURCE; without this no container starts there.
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [${cri}.containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [${cri}.containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [${cri}.containerd.runtimes.runc.options]
        BinaryName = "${runc}"
        Root = "${join(places.run, "runc")}"
  [${cri}.cni]
    bin_dir = "${cni}"
    conf_dir = "${join(places.etc, "cni")}"
  [${cri}.registry]
    config_path = "${join(places.etc, "hosts")}"
`;
}

const registry = {
  version: "0.1",
  log: { level: "warn", accesslog: { disabled: true } },
  storage: {
    filesystem: { rootdirectory: join(places.data, "registry") },
    cache: { blobdescriptor: "inmemory" },
    delete: { enabled: true },
  },
  http: { addr: `127.0.0.1:${ports.registry}` },
};

function buildkit({ runc }: RuntimePrograms): string {
  return `root = "${join(places.data, "buildkit")}"
[grpc]
  address = ["unix://${places.buildkitSocket}"]
[otel]
  socketPath = "${join(places.run, "otel-grpc.sock")}"
[worker.containerd]
  enabled = false
[worker.oci]
  enabled = true
  binary = "${runc}"
  # Builds install packages through whatever route this machine has.
  networkMode = "host"
  gc = true
  reservedSpace = "1GB"
  maxUsedSpace = "10GB"
[registry."docker.io"]
  mirrors = ["${cluster.registry}"]
[registry."${cluster.registry}"]
  http = true
`;
}

/** The builder under which docker-build finds BuildKit: an entry in buildx's own list of builders. */
const builder = {
  Name: cluster.builder,
  Driver: "remote",
  Nodes: [
    {
      Name: `${cluster.builder}0`,
      Endpoint: `unix://${places.buildkitSocket}`,
      Platforms: null,
      DriverOpts: null,
      Flags: null,
      Files: null,
    },
  ],
  Dynamic: false,
};
