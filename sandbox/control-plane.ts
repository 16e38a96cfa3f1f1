import { join } from "node:path";
import { certificateFile } from "./certificates.ts";
import { kubeconfigFor } from "./configuration.ts";
import { cluster, paths, ports } from "./paths.ts";
import { apiAnswers, listens } from "./probes.ts";
import type { Service } from "./services.ts";

const serviceAccountIssuer = `https://kubernetes.default.svc.${cluster.dnsDomain}`;

/** Services of the control plane: one of each, without leader election. */
export function controlPlane(): Service[] {
  return [
    {
      name: "etcd",
      after: [],
      // --unsafe-no-fsync: every write of the API server would wait for a slow disk; a sandbox may lose the last second.
      argv: [
        "etcd",
        "--name=sandbox",
        `--data-dir=${join(paths.data, "etcd")}`,
        `--listen-client-urls=https://127.0.0.1:${ports.etcd}`,
        `--advertise-client-urls=https://127.0.0.1:${ports.etcd}`,
        `--listen-peer-urls=https://127.0.0.1:${ports.etcdPeer}`,
        `--initial-advertise-peer-urls=https://127.0.0.1:${ports.etcdPeer}`,
        `--initial-cluster=sandbox=https://127.0.0.1:${ports.etcdPeer}`,
        ...["", "peer-"].flatMap((side) => [
          `--${side}cert-file=${certificateFile("etcd", "crt")}`,
          `--${side}key-file=${certificateFile("etcd", "key")}`,
          `--${side}trusted-ca-file=${certificateFile("ca", "crt")}`,
          `--${side}client-cert-auth=true`,
        ]),
        "--unsafe-no-fsync",
        "--auto-compaction-retention=1",
        "--logger=zap",
        "--log-level=warn",
      ],
      ready: () => listens(ports.etcd),
    },
    {
      name: "kube-apiserver",
      after: ["etcd"],
      argv: [
        "kube-apiserver",
        // Pods reach it at the node's address, people at the loopback; both need a certificate or token.
        "--bind-address=0.0.0.0",
        `--secure-port=${ports.apiServer}`,
        `--advertise-address=${cluster.nodeAddress}`,
        "--anonymous-auth=false",
        "--allow-privileged=true",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        `--service-cluster-ip-range=${cluster.serviceRange}`,
        `--client-ca-file=${certificateFile("ca", "crt")}`,
        `--tls-cert-file=${certificateFile("kube-apiserver", "crt")}`,
        `--tls-private-key-file=${certificateFile("kube-apiserver", "key")}`,
        `--etcd-servers=https://127.0.0.1:${ports.etcd}`,
        `--etcd-cafile=${certificateFile("ca", "crt")}`,
        `--etcd-certfile=${certificateFile("etcd", "crt")}`,
        `--etcd-keyfile=${certificateFile("etcd", "key")}`,
        `--kubelet-certificate-authority=${certificateFile("ca", "crt")}`,
        `--kubelet-client-certificate=${certificateFile("admin", "crt")}`,
        `--kubelet-client-key=${certificateFile("admin", "key")}`,
        "--kubelet-preferred-address-types=InternalIP",
        // metrics-server accepts forwarded requests only with this certificate.
        `--proxy-client-cert-file=${certificateFile("front-proxy", "crt")}`,
        `--proxy-client-key-file=${certificateFile("front-proxy", "key")}`,
        `--requestheader-client-ca-file=${certificateFile("ca", "crt")}`,
        `--requestheader-allowed-names=${cluster.frontProxy}`,
        "--requestheader-username-headers=X-Remote-User",
        "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        `--service-account-issuer=${serviceAccountIssuer}`,
        `--service-account-key-file=${certificateFile("service-accounts", "pub")}`,
        `--service-account-signing-key-file=${certificateFile("service-accounts", "key")}`,
        "--profiling=false",
      ],
      ready: apiAnswers,
    },
    {
      name: "kube-controller-manager",
      after: ["kube-apiserver"],
      argv: [
        "kube-controller-manager",
        `--kubeconfig=${kubeconfigFor("kube-controller-manager")}`,
        "--bind-address=127.0.0.1",
        "--leader-elect=false",
        "--allocate-node-cidrs=true",
        `--cluster-cidr=${cluster.podRange}`,
        `--service-cluster-ip-range=${cluster.serviceRange}`,
        `--root-ca-file=${certificateFile("ca", "crt")}`,
        `--service-account-private-key-file=${certificateFile("service-accounts", "key")}`,
        "--use-service-account-credentials=true",
        // The default of five minutes would be most of the time of a test.
        "--horizontal-pod-autoscaler-downscale-stabilization=30s",
        "--profiling=false",
      ],
      ready: () => listens(ports.controllerManager),
    },
    {
      name: "kube-scheduler",
      after: ["kube-apiserver"],
      argv: [
        "kube-scheduler",
        `--kubeconfig=${kubeconfigFor("kube-scheduler")}`,
        "--bind-address=127.0.0.1",
        "--leader-elect=false",
        "--profiling=false",
      ],
      ready: () => listens(ports.scheduler),
    },
    {
      name: "local-path-provisioner",
      after: ["kube-apiserver"],
      argv: [
        "local-path-provisioner",
        "start",
        `--kubeconfig=${kubeconfigFor("admin")}`,
        `--config=${join(paths.etc, "local-path.json")}`,
        "--namespace=local-path-storage",
        "--provisioner-name=rancher.io/local-path",
        "--configmap-name=local-path-config",
        "--service-account-name=default",
        `--helper-pod-file=${join(paths.etc, "local-path-helper.yaml")}`,
        // Required, but the image in the file is the one used.
        `--helper-image=${cluster.registry}/library/busybox:1`,
      ],
      configuration: [join(paths.etc, "local-path.json"), join(paths.etc, "local-path-helper.yaml")],
      // It opens no port, so all that can be checked is that it runs.
      ready: async () => {},
    },
  ];
}
