import { existsSync, realpathSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";

/** Checkout that the sandbox belongs to. */
export const repository = resolve(import.meta.dirname, "..");

const folder = join(repository, ".sandbox");
/** Resolved if it is a link, because the kubelet knows its mounts by one path only. */
const root = existsSync(folder) ? realpathSync(folder) : folder;

/** Folders and files of the sandbox, all in one ignored folder. */
export const paths = {
  root,
  /** Compiled programs, and the language host. */
  bin: join(root, "bin"),
  /** Official Pulumi CLI, if it could be downloaded. */
  cli: join(root, "cli"),
  /** Unpacked Debian packages: installing them would start services. */
  debian: join(root, "debian"),
  /** Configuration files, which every `up` writes. */
  etc: join(root, "etc"),
  certificates: join(root, "certificates"),
  /** Data that survives a `down`: etcd, images, volumes. */
  data: join(root, "data"),
  /** Contents of claims. */
  volumes: join(root, "data", "volumes"),
  /** Sockets and pids; meaningless after a reboot. */
  run: join(root, "run"),
  log: join(root, "log"),
  lock: join(root, "up.lock"),
  kubeconfig: join(root, "kubeconfig"),
  /** Certificate of the ingress's authority, which a browser has to trust. */
  ingressAuthority: join(root, "ingress-ca.crt"),
  buildx: join(root, "buildx"),
  /** Cache of kubectl. */
  kubectlCache: join(root, "kubectl"),
  /** Intermediate files of builds, which the next one removes. */
  build: join(root, "build"),
  /** Plugins and caches of the engine. */
  pulumiHome: join(root, "pulumi"),
  pulumiState: join(root, "state"),
  /** Settings of the other environments, adapted to the sandbox. */
  environments: join(root, "environments"),
  containerdSocket: join(root, "run", "containerd.sock"),
  buildkitSocket: join(root, "run", "buildkitd.sock"),
} as const;

/** Addresses and names that parts of the sandbox share. */
export const cluster = {
  context: "slipway-sandbox",
  nodeName: "slipway-sandbox",
  /** Bridge that pods are attached to. Its address is the node's and, unlike the machine's, never changes. */
  bridge: "slipway0",
  nodeAddress: "10.244.0.1",
  podRange: "10.244.0.0/24",
  serviceRange: "10.96.0.0/16",
  apiServiceAddress: "10.96.0.1",
  dnsAddress: "10.96.0.10",
  dnsDomain: "cluster.local",
  /** Common name of the certificate with which the API server forwards requests to aggregated API servers. */
  frontProxy: "front-proxy",
  /** DNS name of metrics-server in the cluster. */
  metricsServer: "metrics-server.metrics-server.svc",
  builder: "sandbox",
  registry: "localhost:5000",
} as const;

/** Ports that the sandbox listens on, by the service that needs them. */
export const ports = {
  etcd: 2379,
  etcdPeer: 2380,
  registry: 5000,
  apiServer: 6443,
  kubeletHealth: 10248,
  proxyMetrics: 10249,
  kubelet: 10250,
  policyMetrics: 10251,
  proxyHealth: 10256,
  controllerManager: 10257,
  scheduler: 10259,
  application: 30080,
} as const;

/** PATH with the existing folders of the sandbox in front of the caller's. */
export function searchPath(inherited: string = process.env.PATH ?? ""): string {
  const ours = [
    join(repository, "node_modules", ".bin"),
    join(paths.cli, "bin"),
    paths.bin,
    join(paths.debian, "usr", "bin"),
    join(paths.debian, "bin"),
  ].filter(existsSync);
  const rest = inherited.split(delimiter).filter((folder) => folder !== "" && !ours.includes(folder));
  const system = ["/usr/local/sbin", "/usr/sbin", "/sbin"].filter((folder) => !rest.includes(folder));
  return [...ours, ...rest, ...system].join(delimiter);
}

/** Variables with which `pulumi`, `kubectl` and `buildctl` reach only the sandbox. */
export function environment(): Record<string, string> {
  return {
    PULUMI_HOME: paths.pulumiHome,
    PULUMI_BACKEND_URL: `file://${paths.pulumiState}`,
    // Protects nothing of value: the secrets are in the ignored folder on this machine.
    PULUMI_CONFIG_PASSPHRASE: "slipway-dev",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    KUBECONFIG: paths.kubeconfig,
    KUBECACHEDIR: paths.kubectlCache,
    BUILDX_CONFIG: paths.buildx,
    // Fewer garbage collections, on which pulumi otherwise spends a twentieth of its time.
    GOGC: "400",
    // Halves the start time of a program of many modules.
    NODE_COMPILE_CACHE: join(root, "compiled"),
    BUILDKIT_HOST: `unix://${paths.buildkitSocket}`,
    PATH: searchPath(),
  };
}
