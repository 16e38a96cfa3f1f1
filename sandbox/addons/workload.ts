/** Kubernetes object. */
export type KubernetesObject = Record<string, unknown>;

/** RBAC rule. */
interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** Program that runs in the cluster, in a namespace of the same name. */
export interface Workload {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  /** Container ports by name. */
  readonly ports: Readonly<Record<string, number>>;
  /** HTTP readiness probe. @default none */
  readonly readiness?: { readonly path: string; readonly port: string; readonly scheme?: "HTTP" | "HTTPS" };
  /** Rules for all namespaces. */
  readonly rules: readonly Rule[];
  /** Name of a Secret of its namespace to mount at /secret. @default none */
  readonly secret?: string;
}

export const labelsOf = (name: string) => ({ "app.kubernetes.io/name": name });

export const read = ["get", "list", "watch"];

/** Kubernetes objects of a workload: a namespace, a service account with its rules, and a Deployment under the restricted standard. */
export function workloadObjects(workload: Workload): KubernetesObject[] {
  const { name, rules } = workload;
  const metadata = { name, namespace: name };
  const account = { kind: "ServiceAccount", name, namespace: name };
  return [
    {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name, labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
    },
    { apiVersion: "v1", kind: "ServiceAccount", metadata },
    { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name }, rules },
    bindingOf(name, name, account),
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        replicas: 1,
        selector: { matchLabels: labelsOf(name) },
        template: { metadata: { labels: labelsOf(name) }, spec: podOf(workload) },
      },
    },
  ];
}

/** Binding of a ClusterRole to a service account. */
export const bindingOf = (name: string, role: string, account: KubernetesObject): KubernetesObject => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRoleBinding",
  metadata: { name },
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
  subjects: [account],
});

function podOf({ name, image, args, ports, readiness, secret }: Workload): KubernetesObject {
  const mounts = [
    { name: "tmp", mountPath: "/tmp" },
    ...(secret ? [{ name: "secret", mountPath: "/secret", readOnly: true }] : []),
  ];
  return {
    serviceAccountName: name,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    containers: [
      {
        name,
        image,
        args,
        env: [{ name: "POD_NAMESPACE", value: name }],
        ports: Object.entries(ports).map(([port, containerPort]) => ({ name: port, containerPort })),
        readinessProbe: readiness && { httpGet: readiness, periodSeconds: 1 },
        // Small requests, so that all environments fit on two cores.
        resources: { requests: { cpu: "10m", memory: "64Mi" }, limits: { memory: "384Mi" } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        },
        volumeMounts: mounts,
      },
    ],
    volumes: [
      { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
      ...(secret ? [{ name: "secret", secret: { secretName: secret } }] : []),
    ],
  };
}
