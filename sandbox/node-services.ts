import { join } from "node:path";
import { kubeconfigFor } from "./configuration.ts";
import { cluster, paths, ports } from "./paths.ts";
import { answers, buildkitAnswers, containerdAnswers, nodeIsReady, policiesAreEnforced } from "./probes.ts";
import type { Service } from "./services.ts";

/** What images are built by and come from. */
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

/** What runs pods on this machine. */
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
      // It asks for the node once, and ends if there is none.
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
        // It sees each change of a pod or policy at once. This is how long rules stay away that somebody else has removed.
        "--iptables-sync-period=30s",
        `--run-folder=${join(paths.run, "kube-router")}`,
        // The health port listens on all addresses, and says OK before the first policy is enforced. The metrics tell that.
        "--health-port=0",
        "--metrics-addr=127.0.0.1",
        `--metrics-port=${ports.policyMetrics}`,
      ],
      configuration: [kubeconfigFor("admin")],
      ready: policiesAreEnforced,
    },
  ];
}
