import { join } from "node:path";
import { cluster, paths, ports } from "./paths.ts";

/** Programs whose paths the configuration files contain. */
export interface RuntimePrograms {
  readonly runc: string;
  /** Folder of the CNI plugins. */
  readonly cni: string;
}

/** Contents of the configuration files of containerd, the registry and BuildKit, by path. */
export function imageConfiguration(programs: RuntimePrograms): Record<string, string> {
  return {
    [join(paths.etc, "containerd.toml")]: containerd(programs),
    [join(paths.etc, "hosts", cluster.registry, "hosts.toml")]: `server = "http://${cluster.registry}"\n`,
    // Official names are looked up in the sandbox's registry first.
    [join(paths.etc, "hosts", "docker.io", "hosts.toml")]:
      `[host."http://${cluster.registry}"]\n  capabilities = ["pull", "resolve"]\n`,
    [join(paths.etc, "registry.yaml")]: JSON.stringify(registry, null, 2),
    [join(paths.etc, "buildkitd.toml")]: buildkit(programs),
    [join(paths.buildx, "instances", cluster.builder)]: JSON.stringify(builder, null, 2),
    // The default builder, whatever Docker's context is.
    [join(paths.buildx, "current")]: JSON.stringify({ Key: "", Name: cluster.builder, Global: true }),
  };
}

function containerd({ runc, cni }: RuntimePrograms): string {
  const cri = `plugins."io.containerd.grpc.v1.cri"`;
  return `version = 2
root = "${join(paths.data, "containerd")}"
state = "${join(paths.run, "containerd")}"
disabled_plugins = [
  "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs",
]
[grpc]
  address = "${paths.containerdSocket}"
[plugins."io.containerd.internal.v1.opt"]
  path = "${join(paths.data, "containerd", "opt")}"
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
        Root = "${join(paths.run, "runc")}"
  [${cri}.cni]
    bin_dir = "${cni}"
    conf_dir = "${join(paths.etc, "cni")}"
  [${cri}.registry]
    config_path = "${join(paths.etc, "hosts")}"
`;
}

const registry = {
  version: "0.1",
  log: { level: "warn", accesslog: { disabled: true } },
  storage: {
    filesystem: { rootdirectory: join(paths.data, "registry") },
    cache: { blobdescriptor: "inmemory" },
    delete: { enabled: true },
  },
  http: { addr: `127.0.0.1:${ports.registry}` },
};

function buildkit({ runc }: RuntimePrograms): string {
  return `root = "${join(paths.data, "buildkit")}"
[grpc]
  address = ["unix://${paths.buildkitSocket}"]
[otel]
  socketPath = "${join(paths.run, "otel-grpc.sock")}"
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

/** Entry in buildx's list of builders, by which docker-build finds BuildKit. */
const builder = {
  Name: cluster.builder,
  Driver: "remote",
  Nodes: [
    {
      Name: `${cluster.builder}0`,
      Endpoint: `unix://${paths.buildkitSocket}`,
      Platforms: null,
      DriverOpts: null,
      Flags: null,
      Files: null,
    },
  ],
  Dynamic: false,
};
