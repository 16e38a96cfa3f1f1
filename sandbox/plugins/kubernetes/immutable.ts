import { at, type KubernetesObject, kindOf } from "./object.ts";

/** Which of the kinds that are replaced by default may be changed in place instead. */
export type Mutable = { configMaps: boolean; secrets: boolean };

const podSpec = [
  ...["affinity", "automountServiceAccountToken", "containers", "dnsConfig", "dnsPolicy", "enableServiceLinks"],
  ...["hostAliases", "hostIPC", "hostNetwork", "hostPID", "hostname", "imagePullSecrets", "initContainers", "nodeName"],
  ...["nodeSelector", "overhead", "preemptionPolicy", "priority", "priorityClassName", "readinessGates"],
  ...["restartPolicy", "runtimeClassName", "schedulerName", "securityContext", "serviceAccount", "serviceAccountName"],
  ...["shareProcessNamespace", "subdomain", "terminationGracePeriodSeconds", "volumes"],
].map((field) => `spec.${field}`);

const volumeSources = [
  ...["awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "csi", "fc", "flexVolume", "flocker"],
  ...["gcePersistentDisk", "glusterfs", "hostPath", "iscsi", "local", "nfs", "photonPersistentDisk", "portworxVolume"],
  ...["quobyte", "rbd", "scaleIO", "storageos", "vsphereVolume"],
].map((field) => `spec.${field}`);

/** What the official plugin replaces an object for, by "group/Kind". */
const replacing: { [kind: string]: string[] } = {
  "/PersistentVolume": volumeSources,
  "/PersistentVolumeClaim": ["spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"],
  "/Pod": podSpec,
  "/ResourceQuota": ["spec.scopes"],
  "/Secret": ["type"],
  "/Service": ["spec.clusterIP"],
  "apps/DaemonSet": ["spec.selector"],
  "apps/Deployment": ["spec.selector"],
  "apps/StatefulSet": [
    ...["spec.podManagementPolicy", "spec.revisionHistoryLimit", "spec.selector", "spec.serviceName"],
    "spec.volumeClaimTemplates",
  ],
  "batch/Job": ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"],
  "rbac.authorization.k8s.io/ClusterRoleBinding": ["roleRef"],
  "rbac.authorization.k8s.io/RoleBinding": ["roleRef"],
  "storage.k8s.io/StorageClass": ["parameters", "provisioner"],
};

/** The properties whose change means a new object instead of an update, as paths; everything below one counts too. */
export function replacingPaths(object: KubernetesObject, mutable: Mutable): string[] {
  const { group, kind } = kindOf(object);
  const paths = ["metadata.name", "metadata.namespace", ...(replacing[`${group}/${kind}`] ?? [])];
  const frozen = at(object, "immutable") === true;
  if (group === "" && kind === "Secret" && (frozen || !mutable.secrets)) paths.push("data", "stringData");
  if (group === "" && kind === "ConfigMap" && (frozen || !mutable.configMaps)) paths.push("data", "binaryData");
  return paths;
}

/**
 * Whether to replace an object for what the API server alone knows to be immutable. Never for those that own data: there
 * the server's refusal (a claim that would shrink, a StatefulSet's fixed fields) is what the user must read.
 */
export function mayBeReplacedForRefusal(object: KubernetesObject): boolean {
  return !["PersistentVolumeClaim", "PersistentVolume", "StatefulSet", "Namespace"].includes(object.kind);
}
