import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { certificateFile } from "./certificates.ts";
import { imageConfiguration, type RuntimePrograms } from "./image-configuration.ts";
import { cluster, paths, ports } from "./paths.ts";
import { readIfPresent } from "./read-file.ts";

/** Path of the kubeconfig of a component or of the administrator, by the name of its certificate. */
export function kubeconfigFor(user: string): string {
  return join(paths.etc, `${user}.kubeconfig`);
}

/** Writes the configuration files of the cluster that have changed. */
export function writeConfiguration(programs: RuntimePrograms): void {
  for (const user of ["admin", "kubelet", "kube-controller-manager", "kube-scheduler", "kube-proxy"]) {
    write(kubeconfigFor(user), json(kubeconfig(user)), 0o600);
  }
  write(paths.kubeconfig, json(kubeconfig("admin")), 0o600);
  write(join(paths.etc, "kubelet.yaml"), json(kubelet));
  write(join(paths.etc, "kube-proxy.yaml"), json(kubeProxy));
  write(join(paths.etc, "cni", "10-slipway.conflist"), json(podNetwork));
  write(join(paths.etc, "local-path.json"), json(localPath));
  write(join(paths.etc, "local-path-helper.yaml"), json(localPathHelper));
  for (const [path, text] of Object.entries(imageConfiguration(programs))) write(path, text);
}

function write(path: string, text: string, mode = 0o644): void {
  // kube-proxy ends when its file is written, even with the same bytes.
  if (readIfPresent(path) === text) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, text, { mode });
  renameSync(`${path}.new`, path);
}

/** JSON, which is valid YAML too. */
function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Embeds the certificates, so that the file works wherever it is copied. */
function kubeconfig(user: string) {
  const embed = (file: string) => readFileSync(file).toString("base64");
  const name = cluster.context;
  return {
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    contexts: [{ name, context: { cluster: name, user } }],
    clusters: [
      {
        name,
        cluster: {
          server: `https://127.0.0.1:${ports.apiServer}`,
          "certificate-authority-data": embed(certificateFile("ca", "crt")),
        },
      },
    ],
    users: [
      {
        name: user,
        user: {
          "client-certificate-data": embed(certificateFile(user, "crt")),
          "client-key-data": embed(certificateFile(user, "key")),
        },
      },
    ],
  };
}

const kubelet = {
  apiVersion: "kubelet.config.k8s.io/v1beta1",
  kind: "KubeletConfiguration",
  address: cluster.nodeAddress,
  healthzBindAddress: "127.0.0.1",
  readOnlyPort: 0,
  authentication: { anonymous: { enabled: false }, x509: { clientCAFile: certificateFile("ca", "crt") } },
  authorization: { mode: "Webhook" },
  tlsCertFile: certificateFile("kubelet-server", "crt"),
  tlsPrivateKeyFile: certificateFile("kubelet-server", "key"),
  containerRuntimeEndpoint: `unix://${paths.containerdSocket}`,
  cgroupDriver: "cgroupfs",
  failCgroupV1: false,
  failSwapOn: false,
  // kube-proxy creates the chains that it needs; nothing would remove the kubelet's.
  makeIPTablesUtilChains: false,
  // The machine may lack CAP_SYS_RESOURCE, which any other score needs.
  oomScoreAdj: 0,
  clusterDNS: [cluster.dnsAddress],
  clusterDomain: cluster.dnsDomain,
  configMapAndSecretChangeDetectionStrategy: "Watch",
  serializeImagePulls: false,
  registryPullQPS: 0,
  // A developer's disk is often nearly full; evict pods and delete images only when it really is.
  imageGCHighThresholdPercent: 100,
  evictionHard: { "memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%" },
  podLogsDir: join(paths.log, "pods"),
  volumePluginDir: join(paths.data, "kubelet-plugins"),
};

const kubeProxy = {
  apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
  kind: "KubeProxyConfiguration",
  clientConnection: { kubeconfig: kubeconfigFor("kube-proxy") },
  mode: "iptables",
  clusterCIDR: cluster.podRange,
  // Applications are served on this machine only.
  nodePortAddresses: ["127.0.0.0/8", `${cluster.nodeAddress}/32`],
  healthzBindAddress: `127.0.0.1:${ports.proxyHealth}`,
  metricsBindAddress: `127.0.0.1:${ports.proxyMetrics}`,
  oomScoreAdj: 0,
  // Each rollout waits for the rules of the new pod; the default is one second.
  iptables: { minSyncPeriod: "100ms", localhostNodePorts: true },
  // Zero keeps the machine's own limits.
  conntrack: { maxPerCore: 0, tcpEstablishedTimeout: "0s", tcpCloseWaitTimeout: "0s" },
};

const podNetwork = {
  cniVersion: "0.4.0",
  name: "slipway",
  plugins: [
    {
      type: "bridge",
      bridge: cluster.bridge,
      isGateway: true,
      hairpinMode: true,
      // network.ts masquerades, so that `down` can remove the rule.
      ipMasq: false,
      ipam: {
        type: "host-local",
        dataDir: join(paths.run, "cni"),
        ranges: [[{ subnet: cluster.podRange }]],
        routes: [{ dst: "0.0.0.0/0" }],
      },
    },
    { type: "portmap", capabilities: { portMappings: true } },
  ],
};

const localPath = { nodePathMap: [{ node: "DEFAULT_PATH_FOR_NON_LISTED_NODES", paths: [paths.volumes] }] };

const localPathHelper = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "helper-pod" },
  spec: {
    containers: [
      { name: "helper-pod", image: `${cluster.registry}/library/busybox:1`, imagePullPolicy: "IfNotPresent" },
    ],
  },
};
