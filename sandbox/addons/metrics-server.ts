import { readFileSync } from "node:fs";
import { certificateFile } from "../certificates.ts";
import type { CompiledPart } from "../parts.ts";
import { apply, waitForCondition, waitForRollout } from "./apply.ts";
import { ensureProgramImage } from "./program-image.ts";
import { bindingOf, type KubernetesObject, labelsOf, workloadObjects } from "./workload.ts";

const name = "metrics-server";
const port = 10250;

/** Part that measures the use of pods, for autoscalers. */
export const metricsServerPart: CompiledPart = {
  name,
  module: "sigs.k8s.io/metrics-server",
  // Not component-base's version, which the server would take for that of Kubernetes.
  stamp: (version) => [`k8s.io/client-go/pkg/version.gitVersion=${version}`],
};

/** Runs metrics-server and waits until the API server forwards requests to it. @throws UserError if it does not become ready */
export async function ensureMetricsServer(): Promise<void> {
  await apply(name, objects(await ensureProgramImage(name)));
  await waitForRollout(name);
  await waitForCondition("apiservice/v1beta1.metrics.k8s.io", "Available");
}

function objects(image: string): KubernetesObject[] {
  const encode = (kind: "crt" | "key", file: string = name) => readFileSync(certificateFile(file, kind), "base64");
  const account = { kind: "ServiceAccount", name, namespace: name };
  const workload = {
    name,
    image,
    args: [
      `--secure-port=${port}`,
      "--tls-cert-file=/secret/tls.crt",
      "--tls-private-key-file=/secret/tls.key",
      // The kubelet's certificate is signed by the same authority as the API server's.
      "--kubelet-certificate-authority=/var/run/secrets/kubernetes.io/serviceaccount/ca.crt",
      "--kubelet-preferred-address-types=InternalIP",
      // The shortest that it accepts.
      "--metric-resolution=10s",
      "--kubelet-request-timeout=5s",
    ],
    ports: { https: port },
    readiness: { path: "/readyz", port: "https", scheme: "HTTPS" as const },
    rules: [
      { apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
      { apiGroups: [""], resources: ["pods", "nodes"], verbs: ["get", "list", "watch"] },
    ],
    secret: name,
  };
  return [
    ...workloadObjects(workload),
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name, namespace: name },
      type: "kubernetes.io/tls",
      data: { "tls.crt": encode("crt"), "tls.key": encode("key") },
    },
    // It delegates authentication and authorization to the API server.
    bindingOf(`${name}:auth-delegator`, "system:auth-delegator", account),
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: { name, namespace: "kube-system" },
      roleRef: {
        apiGroup: "rbac.authorization.k8s.io",
        kind: "Role",
        name: "extension-apiserver-authentication-reader",
      },
      subjects: [account],
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, namespace: name },
      spec: { selector: labelsOf(name), ports: [{ name: "https", port: 443, targetPort: "https" }] },
    },
    {
      apiVersion: "apiregistration.k8s.io/v1",
      kind: "APIService",
      metadata: { name: "v1beta1.metrics.k8s.io" },
      spec: {
        service: { name, namespace: name },
        group: "metrics.k8s.io",
        version: "v1beta1",
        groupPriorityMinimum: 100,
        versionPriority: 100,
        caBundle: encode("crt", "ca"),
      },
    },
  ];
}
