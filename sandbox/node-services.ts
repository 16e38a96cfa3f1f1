import { join } from "node:path";
import { kubeconfigFor } from "./configuration.ts";
import { cluster, paths, ports } from "./paths.ts";
import { answers, buildkitAnswers, containerdAnswers, nodeIsReady, policiesAreEnforced } from "./probes.ts";
import type { Service } from "./services.ts";

/** Services that build and serve images. */
export function imageServices(): Service[] {
  return [
    {
      name: "registry",
      after: [],
      argv: ["docker-registry", "serve", join(paths.etc, "registry.yaml")],
      configuration: [join(paths.etc, "registry.yaml")],
      ready: () => answers(`http://${cluster.registry}/v2/`),
    },
    {
      name: "buildkitd",
      after: [],
      argv: ["buildkitd", `--config=${join(paths.etc, "buildkitd.toml")}`],
      configuration: [join(paths.etc, "buildkitd.toml")],
      ready: buildkitAnswers,
    },
  ];
}

/** Services that run pods on this machine. */
export function nodeServices(): Service[] {
  return [
    {
      name: "containerd",
      after: [],
      argv: ["containerd", `--config=${join(paths.etc, "containerd.toml")}`],
      configuration: [join(paths.etc, "containerd.toml")],
      ready: () => containerdAnswers(),
    },
    {
      name: "kubelet",
      after: ["containerd", "kube-apiserver"],
      argv: [
        "kubelet",
        `--config=${join(paths.etc, "kubelet.yaml")}`,
        `--kubeconfig=${kubeconfigFor("kubelet")}`,
        `--hostname-override=${cluster.nodeName}`,
        `--node-ip=${cluster.nodeAddress}`,
        `--root-dir=${join(paths.data, "kubelet")}`,
      ],
      configuration: [join(paths.etc, "kubelet.yaml"), join(paths.etc, "cni", "10-slipway.conflist")],
      ready: nodeIsReady,
    },
    {
      name: "kube-proxy",
      after: ["kube-apiserver"],
      argv: ["kube-proxy", `--config=${join(paths.etc, "kube-proxy.yaml")}`, `--hostname-override=${cluster.nodeName}`],
      configuration: [join(paths.etc, "kube-proxy.yaml")],
      ready: () => answers(`http://127.0.0.1:${ports.proxyHealth}/healthz`),
    },
    {
      name: "kube-router",
      // It reads the node once at its start, and ends if there is none.
      after: ["kubelet"],
      argv: [
        "kube-router",
        `--kubeconfig=${kubeconfigFor("admin")}`,
        `--hostname-override=${cluster.nodeName}`,
        // Network policies only: routes come from the bridge, Services from kube-proxy.
        "--run-firewall=true",
        "--run-router=false",
        "--run-service-proxy=false",
        `--service-cluster-ip-range=${cluster.serviceRange}`,
        // Changes of pods and policies apply at once; this interval restores rules that others have removed.
        "--iptables-sync-period=30s",
        `--run-folder=${join(paths.run, "kube-router")}`,
        // The health port listens on all addresses and says OK too early; the metrics show when policies are enforced.
        "--health-port=0",
        "--metrics-addr=127.0.0.1",
        `--metrics-port=${ports.policyMetrics}`,
      ],
      configuration: [kubeconfigFor("admin")],
      ready: policiesAreEnforced,
    },
  ];
}
