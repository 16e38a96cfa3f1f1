import { existsSync, realpathSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";

/** The checkout that the sandbox belongs to. */
export const repository = resolve(import.meta.dirname, "..");

const folder = join(repository, ".sandbox");
/** Where a link points to: the kubelet finds none of its mounts again under another name of theirs. */
const root = existsSync(folder) ? realpathSync(folder) : folder;

/** Every folder and file of the sandbox; all of it lies in one ignored folder, so that removing that folder removes the sandbox. */
export const paths = {
  root,
  /** What was compiled, and the language host. */
  bin: join(root, "bin"),
  /** The official Pulumi CLI, where it could be downloaded. */
  cli: join(root, "cli"),
  /** Debian packages that are unpacked instead of installed, because installing them would start services. */
  debian: join(root, "debian"),
  /** Configuration files, written anew by every `up`. */
  etc: join(root, "etc"),
  certificates: join(root, "certificates"),
  /** What survives a `down`: etcd, images, volumes. */
  data: join(root, "data"),
  /** Claims' contents. */
  volumes: join(root, "data", "volumes"),
  /** Sockets and pids; meaningless after a reboot. */
  run: join(root, "run"),
  log: join(root, "log"),
  lock: join(root, "up.lock"),
  kubeconfig: join(root, "kubeconfig"),
  /** Certificate of the authority that signs for hosts served by the ingress: what a browser has to trust. */
  ingressAuthority: join(root, "ingress-ca.crt"),
  buildx: join(root, "buildx"),
  /** What kubectl remembers of the API server. */
  kubectlCache: join(root, "kubectl"),
  /** Intermediate files of builds, removed by the next one. */
  build: join(root, "build"),
  /** The engine's plugins, and what it remembers. */
  pulumiHome: join(root, "pulumi"),
  pulumiState: join(root, "state"),
  /** The other environments' settings, as the sandbox needs them. */
  environments: join(root, "environments"),
  containerdSocket: join(root, "run", "containerd.sock"),
  buildkitSocket: join(root, "run", "buildkitd.sock"),
} as const;

/** Addresses and names that the pieces of the sandbox agree on. */
export const cluster = {
  context: "slipway-sandbox",
  nodeName: "slipway-sandbox",
  /** The bridge that pods are attached to. Its address is the node's: unlike the machine's own, it never changes. */
  bridge: "slipway0",
  nodeAddress: "10.244.0.1",
  podRange: "10.244.0.0/24",
  serviceRange: "10.96.0.0/16",
  apiServiceAddress: "10.96.0.1",
  dnsAddress: "10.96.0.10",
  dnsDomain: "cluster.local",
  /** Common name of the certificate with which the API server passes requests on to other servers of its API. */
  frontProxy: "front-proxy",
  /** Name inside the cluster under which the API server reaches metrics-server. */
  metricsServer: "metrics-server.metrics-server.svc",
  builder: "sandbox",
  registry: "localhost:5000",
} as const;

/** The ports on which the sandbox listens, each with the service that needs it. */
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

/** Which folders come before the caller's PATH; those of packages that were not unpacked do not exist and are left out. */
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

/** The variables with which `pulumi`, `kubectl` and `buildctl` reach the sandbox and nothing else. */
export function environment(): Record<string, string> {
  return {
    PULUMI_HOME: paths.pulumiHome,
    PULUMI_BACKEND_URL: `file://${paths.pulumiState}`,
    // Protects nothing of value: dev's secrets are in the ignored folder, on this machine alone.
    PULUMI_CONFIG_PASSPHRASE: "slipway-dev",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    KUBECONFIG: paths.kubeconfig,
    KUBECACHEDIR: paths.kubectlCache,
    BUILDX_CONFIG: paths.buildx,
    // Go's collector waits longer: these programs are done in seconds, a twentieth of which pulumi otherwise spends on collecting.
    GOGC: "400",
    // Halves the time in which a program of many modules starts.
    NODE_COMPILE_CACHE: join(root, "compiled"),
    BUILDKIT_HOST: `unix://${paths.buildkitSocket}`,
    PATH: searchPath(),
  };
}
