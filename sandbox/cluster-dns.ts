import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { UserError } from "../settings/user-error.ts";
import { apply, waitForRollout } from "./addons/apply.ts";
import type { KubernetesObject } from "./addons/workload.ts";
import { eventually } from "./eventually.ts";
import { cluster } from "./paths.ts";
import { dnsAnswers, kubectl } from "./probes.ts";
import { stopService } from "./services.ts";

const name = "coredns";
const namespace = "kube-system";
/** Labels that network policies select on most clusters. */
const labels = { "k8s-app": "kube-dns" };
// 53, because network policies see the pod's port, not the Service's.
const ports = { dns: 53, health: 8080, ready: 8181 };
const withinSeconds = 60;

/**
 * Runs CoreDNS in the cluster and waits until it answers at its Service's address.
 *
 * @param image name of its image in the registry
 * @throws UserError if it does not answer in time
 */
export async function ensureDns(image: string): Promise<void> {
  await apply("CoreDNS", dnsObjects(image, corefile(upstreamServers())));
  await waitForRollout(name, namespace);
  // An earlier version ran it on the machine, behind the same Service without a selector and with this slice.
  await kubectl(["delete", "endpointslice", "kube-dns-node", "--namespace", namespace, "--ignore-not-found"]);
  await stopService(name);
  await eventually(dnsAnswers, withinSeconds, {
    pause: 100,
    timedOut: (problem) =>
      new UserError(
        `${problem} after ${withinSeconds} s. Look at it: eval "$(npm run -s env)"; kubectl logs --namespace ${namespace} deployment/${name}`,
      ),
  });
}

/** Files with this machine's DNS servers. If the first has only systemd-resolved, the second has the real ones. */
const resolverFiles = ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"];

/** This machine's DNS servers, without those on its loopback, which pods cannot reach. */
export function upstreamServers(files: readonly string[] = resolverFiles): string[] {
  const serversByFile = files.filter(existsSync).map((file) => {
    const text = readFileSync(file, "utf8");
    const servers = [...text.matchAll(/^nameserver\s+(\S+)/gm)].map(([, address]) => address ?? "");
    return servers.filter((address) => !/^(127\.|::1$)/.test(address));
  });
  return serversByFile.find((servers) => servers.length > 0) ?? [];
}

/** CoreDNS's configuration: the API server's names for the cluster, the machine's DNS servers for all others. */
export function corefile(upstream: readonly string[]): string {
  return `.:${ports.dns} {
  errors
  # Answers for a while after it was told to stop: kube-proxy needs a moment to send questions elsewhere.
  health :${ports.health} {
    lameduck 3s
  }
  ready :${ports.ready}
  kubernetes ${cluster.dnsDomain} in-addr.arpa ip6.arpa {
    fallthrough in-addr.arpa ip6.arpa
  }
${upstream.length > 0 ? `  forward . ${upstream.join(" ")}\n` : ""}}
`;
}

/** Kubernetes objects of CoreDNS. */
export function dnsObjects(image: string, configuration: string): KubernetesObject[] {
  const metadata = { name, namespace };
  const role = `system:${name}`;
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: role },
      rules: [
        { apiGroups: [""], resources: ["namespaces", "services"], verbs: ["list", "watch"] },
        { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["list", "watch"] },
      ],
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: role },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
      subjects: [{ kind: "ServiceAccount", name, namespace }],
    },
    { apiVersion: "v1", kind: "ConfigMap", metadata, data: { Corefile: configuration } },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: {
          // It reads its configuration only at its start, so a changed one needs a new pod.
          metadata: { labels, annotations: { "slipway/configuration": hashOf(configuration) } },
          spec: pod(image),
        },
      },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "kube-dns", namespace, labels },
      spec: {
        clusterIP: cluster.dnsAddress,
        selector: labels,
        ports: [
          { name: "dns", protocol: "UDP", port: 53, targetPort: "dns" },
          { name: "dns-tcp", protocol: "TCP", port: 53, targetPort: "dns-tcp" },
        ],
      },
    },
  ];
}

const hashOf = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 16);

const pod = (image: string) => ({
  serviceAccountName: name,
  priorityClassName: "system-cluster-critical",
  // The node's DNS servers, not itself.
  dnsPolicy: "Default",
  securityContext: {
    runAsNonRoot: true,
    seccompProfile: { type: "RuntimeDefault" },
    // Allows port 53 without root.
    sysctls: [{ name: "net.ipv4.ip_unprivileged_port_start", value: "53" }],
  },
  containers: [
    {
      name,
      image,
      args: ["-conf", "/etc/coredns/Corefile"],
      ports: [
        { name: "dns", containerPort: ports.dns, protocol: "UDP" },
        { name: "dns-tcp", containerPort: ports.dns, protocol: "TCP" },
      ],
      livenessProbe: { httpGet: { path: "/health", port: ports.health }, periodSeconds: 10, failureThreshold: 5 },
      readinessProbe: { httpGet: { path: "/ready", port: ports.ready }, periodSeconds: 1 },
      resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "256Mi" } },
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      },
      volumeMounts: [{ name: "configuration", mountPath: "/etc/coredns", readOnly: true }],
    },
  ],
  volumes: [{ name: "configuration", configMap: { name } }],
});
