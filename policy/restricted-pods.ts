import { type Container, containerProblems, containersOf, isPatch, kindOf, podOf } from "./pods.ts";
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
    reason:
      "A pod that the Pod Security level restricted refuses can reach beyond its container, to the node and everything on it.",
    remedy: "build the pod from restrictedPod and restrictedContainer (components/pods/restricted.ts)",
  },
  (resource) => {
    const pod = podOf(resource);
    if (!pod) return [];
    return [
      ...podProblems(pod),
      ...containerProblems(resource, ({ props }) => restrictions(props, pod.securityContext ?? {})),
      ...rootProblems(containersOf(resource), pod.securityContext ?? {}),
    ];
  },
);

function podProblems(pod: Props): string[] {
  const { securityContext = {} } = pod;
  const problems = ["hostNetwork", "hostPID", "hostIPC"]
    .filter((field) => pod[field])
    .map((field) => `the pod has ${field}`);
  for (const { name, ...volume } of list(pod.volumes))
    for (const kind of Object.keys(volume))
      if (!volumes.includes(kind)) problems.push(`the volume ${name} is a ${kind}`);
  for (const { name } of list(securityContext.sysctls))
    if (!sysctls.test(name)) problems.push(`the pod sets the kernel's ${name}`);
  return [...problems, ...sharedProblems(securityContext).map((problem) => `the pod ${problem}`)];
}

/** Checks fields that pods and containers both have. */
function sharedProblems({
  seLinuxOptions,
  appArmorProfile,
  windowsOptions,
  seccompProfile,
  runAsUser,
}: Props): string[] {
  const problems: string[] = [];
  if (runAsUser === 0) problems.push("runs as root: runAsUser is 0");
  if (
    seLinuxOptions &&
    (!seLinuxTypes.includes(seLinuxOptions.type ?? "") || seLinuxOptions.user || seLinuxOptions.role)
  )
    problems.push("sets seLinuxOptions of its own");
  if (appArmorProfile?.type === "Unconfined") problems.push("is not confined by AppArmor");
  if (seccompProfile && !seccompTypes.includes(seccompProfile.type)) problems.push("is not confined by seccomp");
  if (windowsOptions?.hostProcess) problems.push("is a process of the host");
  return problems;
}

function restrictions(container: Props, pod: Props): string[] {
  const { securityContext = {}, ports, livenessProbe, readinessProbe, startupProbe, lifecycle } = container;
  const { privileged, allowPrivilegeEscalation, capabilities = {}, procMount = "Default" } = securityContext;
  const problems = sharedProblems(securityContext);
  if (privileged) problems.push("is privileged");
  if (allowPrivilegeEscalation !== false) problems.push("may gain privileges: allowPrivilegeEscalation is not false");
  if (!list(capabilities.drop).includes("ALL")) problems.push("keeps capabilities: drop is not [ALL]");
  const added = list(capabilities.add).filter((each) => each !== "NET_BIND_SERVICE");
  if (added.length > 0) problems.push(`adds the capabilities ${added.join(", ")}`);
  if (procMount !== "Default") problems.push(`sees /proc of the node: procMount is ${procMount}`);
  if (list(ports).some(({ hostPort }) => hostPort)) problems.push("takes a port of the node");
  if ([livenessProbe, readinessProbe, startupProbe].some(hasOtherHost)) problems.push("has a probe of another host");
  if ([lifecycle?.postStart, lifecycle?.preStop].some(hasOtherHost))
    problems.push("has a lifecycle hook to another host");
  if (!securityContext.seccompProfile && !pod.seccompProfile) problems.push("has no seccompProfile");
  return problems;
}

/** Whether the kubelet would connect to another host, which the pod itself may not reach. */
const hasOtherHost = (handler?: Props): boolean => Boolean(handler?.httpGet?.host || handler?.tcpSocket?.host);

/** Checks that containers do not run as root, by their own setting or the pod's. */
const rootProblems = (containers: readonly Container[], pod: Props): string[] =>
  containers
    .filter(({ props }) => (props.securityContext?.runAsNonRoot ?? pod.runAsNonRoot) !== true)
    .map(({ name }) => `container ${name} may run as root: runAsNonRoot is not true`);

export const podReadOnly = resourceRule(
  {
    id: "pod-read-only",
    reason:
      "A container that can write to its program can be made to run another one; files that it writes are lost with it.",
    remedy: "set readOnlyRootFilesystem: true, and mount an emptyDir with a sizeLimit for files that it writes",
  },
  (resource) =>
    containerProblems(resource, ({ props }) =>
      props.securityContext?.readOnlyRootFilesystem === true ? [] : ["can write to its root filesystem"],
    ),
);

export const podWithoutToken = resourceRule(
  {
    id: "pod-without-token",
    reason: "Whoever gets into a pod with a service account's token can use the cluster's API.",
    remedy: "set automountServiceAccountToken: false on the pod",
  },
  (resource) =>
    podOf(resource) && podOf(resource).automountServiceAccountToken !== false
      ? ["the pod has a service account's token"]
      : [],
);

export const namespaceRestricted = resourceRule(
  {
    id: "namespace-restricted",
    reason: "The cluster itself has to refuse such pods, because not every pod comes from this program.",
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
