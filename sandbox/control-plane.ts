import { join } from "node:path";
import { certificateFile } from "./certificates.ts";
import { kubeconfigFor } from "./configuration.ts";
import { cluster, paths, ports } from "./paths.ts";
import { apiAnswers, listens } from "./probes.ts";
import type { Service } from "./services.ts";

const serviceAccountIssuer = `https://kubernetes.default.svc.${cluster.dnsDomain}`;

/** What makes the cluster's decisions: one of each, without leader election, since nobody competes. */
export function controlPlane(): Service[] {
  return [
    {
      name: "etcd",
      after: [],
      // Without --unsafe-no-fsync a slow disk makes every write of the API server wait; a sandbox can lose the last second.
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
        // Pods reach it at the node's address, people at the loopback; nobody gets in without a certificate or token.
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
        // Requests for metrics are passed on to metrics-server, which knows by this certificate alone that they come from here.
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
        // Kubernetes' own five minutes before it takes pods away would be most of the time of a test.
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
        // Asked for, but the image that counts is in the file.
        `--helper-image=${cluster.registry}/library/busybox:1`,
      ],
      configuration: [join(paths.etc, "local-path.json"), join(paths.etc, "local-path-helper.yaml")],
      // It opens no port; that it keeps running is all that can be seen from outside.
      ready: async () => {},
    },
  ];
}
