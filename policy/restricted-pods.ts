import { type Container, containersOf, isPatch, kindOf, ofContainers, podOf } from "./pods.ts";
import { type Props, resourceRule } from "./rule.ts";
import { list } from "./unknown-values.ts";

/** https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted */
const volumes = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "persistentVolumeClaim",
  "projected",
  "secret",
];
const sysctls =
  /^(kernel\.shm_rmid_forced|net\.ipv4\.(ip_local_port_range|ip_unprivileged_port_start|tcp_syncookies|ping_group_range|ip_local_reserved_ports|tcp_(keepalive_time|fin_timeout|keepalive_intvl|keepalive_probes)))$/;
const seLinuxTypes = ["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"];
const seccompTypes = ["RuntimeDefault", "Localhost"];

export const podRestricted = resourceRule(
  {
    id: "pod-restricted",
    level: "mandatory",
    reason:
      "A pod that the Pod Security level restricted does not admit can reach beyond its own container, to the node and whatever else runs there.",
    remedy: "build the pod from restrictedPod and restrictedContainer (components/pods/restricted.ts)",
  },
  (resource) => {
    const pod = podOf(resource);
    if (!pod) return [];
    return [
      ...ofPod(pod),
      ...ofContainers(resource, ({ props }) => ofContainer(props, pod.securityContext ?? {})),
      ...root(containersOf(resource), pod.securityContext ?? {}),
    ];
  },
);

function ofPod(pod: Props): string[] {
  const { securityContext = {} } = pod;
  const found = ["hostNetwork", "hostPID", "hostIPC"]
    .filter((field) => pod[field])
    .map((field) => `the pod has ${field}`);
  for (const { name, ...volume } of list(pod.volumes))
    for (const kind of Object.keys(volume)) if (!volumes.includes(kind)) found.push(`the volume ${name} is a ${kind}`);
  for (const { name } of list(securityContext.sysctls))
    if (!sysctls.test(name)) found.push(`the pod sets the kernel's ${name}`);
  return [...found, ...options(securityContext).map((what) => `the pod ${what}`)];
}

/** What a pod and a container may both ask for, and must not. */
function options({ seLinuxOptions, appArmorProfile, windowsOptions, seccompProfile, runAsUser }: Props): string[] {
  const found: string[] = [];
  if (runAsUser === 0) found.push("runs as root: runAsUser is 0");
  if (
    seLinuxOptions &&
    (!seLinuxTypes.includes(seLinuxOptions.type ?? "") || seLinuxOptions.user || seLinuxOptions.role)
  )
    found.push("sets seLinuxOptions of its own");
  if (appArmorProfile?.type === "Unconfined") found.push("is not held by AppArmor");
  if (seccompProfile && !seccompTypes.includes(seccompProfile.type)) found.push("is not held by seccomp");
  if (windowsOptions?.hostProcess) found.push("is a process of the host");
  return found;
}

function ofContainer(container: Props, pod: Props): string[] {
  const { securityContext = {}, ports, livenessProbe, readinessProbe, startupProbe, lifecycle } = container;
  const { privileged, allowPrivilegeEscalation, capabilities = {}, procMount = "Default" } = securityContext;
  const found = options(securityContext);
  if (privileged) found.push("is privileged");
  if (allowPrivilegeEscalation !== false) found.push("may gain privileges: allowPrivilegeEscalation is not false");
  if (!list(capabilities.drop).includes("ALL")) found.push("keeps capabilities: drop is not [ALL]");
  const added = list(capabilities.add).filter((each) => each !== "NET_BIND_SERVICE");
  if (added.length > 0) found.push(`adds the capabilities ${added.join(", ")}`);
  if (procMount !== "Default") found.push(`sees /proc of the node: procMount is ${procMount}`);
  if (list(ports).some(({ hostPort }) => hostPort)) found.push("takes a port of the node");
  if ([livenessProbe, readinessProbe, startupProbe].some(goesElsewhere))
    found.push("has a probe that goes to another host");
  if ([lifecycle?.postStart, lifecycle?.preStop].some(goesElsewhere))
    found.push("has a lifecycle hook that goes to another host");
  if (!securityContext.seccompProfile && !pod.seccompProfile) found.push("has no seccompProfile");
  return found;
}

/** The node's kubelet asks it, so that it reaches what the pod does not. */
const goesElsewhere = (asked?: Props): boolean => Boolean(asked?.httpGet?.host || asked?.tcpSocket?.host);

/** Each container runs as somebody other than root, by its own word or by the pod's. */
const root = (containers: readonly Container[], pod: Props): string[] =>
  containers
    .filter(({ props }) => (props.securityContext?.runAsNonRoot ?? pod.runAsNonRoot) !== true)
    .map(({ name }) => `container ${name} may run as root: runAsNonRoot is not true`);

export const podReadOnly = resourceRule(
  {
    id: "pod-read-only",
    level: "mandatory",
    reason:
      "What can write to its own program can be made to run another; and what it writes there is lost with the container.",
    remedy: "set readOnlyRootFilesystem: true, and mount an emptyDir with a sizeLimit where it has to write",
  },
  (resource) =>
    ofContainers(resource, ({ props }) =>
      props.securityContext?.readOnlyRootFilesystem === true ? [] : ["writes to its root filesystem"],
    ),
);

export const podWithoutToken = resourceRule(
  {
    id: "pod-without-token",
    level: "mandatory",
    reason: "With the token of a service account whoever gets into the pod can speak to the cluster's API.",
    remedy: "set automountServiceAccountToken: false on the pod",
  },
  (resource) =>
    podOf(resource) && podOf(resource).automountServiceAccountToken !== false
      ? ["the pod gets the token of a service account"]
      : [],
);

export const namespaceRestricted = resourceRule(
  {
    id: "namespace-restricted",
    level: "mandatory",
    reason: "The cluster itself has to refuse other pods: not every pod comes from this program.",
    remedy: 'label the namespace pod-security.kubernetes.io/enforce: "restricted"',
  },
  (resource) => {
    if (kindOf(resource) !== "Namespace") return [];
    const level = resource.props.metadata?.labels?.["pod-security.kubernetes.io/enforce"];
    return level === "restricted" || (level === undefined && isPatch(resource))
      ? []
      : [`it enforces ${level ? `the Pod Security level ${level}` : "no Pod Security level"}`];
  },
);
