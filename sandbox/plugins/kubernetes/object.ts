import { isObject, type Properties } from "../properties.ts";

/** A Kubernetes object, of any kind, as JSON. */
export type KubernetesObject = Properties & {
  apiVersion: string;
  kind: string;
  metadata: Metadata;
};

/** The part of an object's metadata that the plugin reads. */
export type Metadata = Properties & {
  name?: string;
  namespace?: string;
  generateName?: string;
  generation?: number;
  uid?: string;
  deletionTimestamp?: string;
  finalizers?: string[];
  annotations?: { [key: string]: string };
  labels?: { [key: string]: string };
  ownerReferences?: { kind: string; name: string; uid: string }[];
};

/** Group, version and kind of an object. The core group is the empty string. */
export type Kind = { group: string; version: string; kind: string };

/** Reads a bag as an object; what is missing of apiVersion, kind and metadata is filled from the resource's type. */
export function asObject(properties: Properties, kind: Kind): KubernetesObject {
  return {
    ...properties,
    apiVersion: typeof properties.apiVersion === "string" ? properties.apiVersion : apiVersionOf(kind),
    kind: typeof properties.kind === "string" ? properties.kind : kind.kind,
    metadata: isObject(properties.metadata) ? (properties.metadata as Metadata) : {},
  };
}

/** The kind that an object says it is. */
export function kindOf(object: { apiVersion: string; kind: string }): Kind {
  const [group, version] = object.apiVersion.includes("/") ? object.apiVersion.split("/", 2) : ["", object.apiVersion];
  return { group: group === "core" ? "" : (group ?? ""), version: version ?? "", kind: object.kind };
}

/** "apps/v1", or "v1" for the core group. */
export function apiVersionOf(kind: Kind): string {
  return kind.group === "" ? kind.version : `${kind.group}/${kind.version}`;
}

/**
 * The kind that a resource's URN stands for: `…::kubernetes:apps/v1:Deployment::web`.
 * @throws when the type is one that the stand-in does not serve: charts, lists, patches, other packages
 */
export function kindOfUrn(urn: string): Kind {
  const type = urn.split("::")[2]?.split("$").at(-1) ?? "";
  const match = /^kubernetes:([^/:]+)\/(v[^/:]+):([^:]+)$/.exec(type);
  const [, group, version, kind] = match ?? [];
  const unsupported = /^(helm|kustomize|yaml)\./.test(group ?? "") || /(Patch|List)$/.test(kind ?? "");
  if (group === undefined || version === undefined || kind === undefined || unsupported) {
    throw new Error(`the sandbox's stand-in for the kubernetes plugin does not support resources of type ${type}`);
  }
  return { group: group === "core" ? "" : group, version, kind };
}

/** "NAMESPACE/NAME", or "NAME" without a namespace: a resource's id. */
export function idOf(object: KubernetesObject): string {
  const { name = "", namespace } = object.metadata;
  return namespace ? `${namespace}/${name}` : name;
}

/** The opposite of idOf. */
export function parseId(id: string): { namespace?: string; name: string } {
  const slash = id.lastIndexOf("/");
  return slash < 0 ? { name: id } : { namespace: id.slice(0, slash), name: id.slice(slash + 1) };
}

/** An annotation's value; undefined when it is not there or not a text. */
export function annotation(object: Properties, key: string): string | undefined {
  const value = at(object, "metadata", "annotations", key);
  return typeof value === "string" ? value : undefined;
}

/** The value at a path of keys; undefined as soon as one is missing. */
export function at(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((parent, key) => (isObject(parent) ? parent[key] : undefined), value);
}

const builtInGroups = /^(apps|batch|autoscaling|policy|extensions|.*\.k8s\.io)?$/;

const clusterWide = new Set([
  ...["APIService", "CSIDriver", "CSINode", "CertificateSigningRequest", "ClusterRole", "ClusterRoleBinding"],
  ...["ClusterTrustBundle", "CustomResourceDefinition", "DeviceClass", "FlowSchema", "IPAddress", "IngressClass"],
  ...["MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding", "MutatingWebhookConfiguration", "Namespace", "Node"],
  ...["PersistentVolume", "PriorityClass", "PriorityLevelConfiguration", "ResourceSlice", "RuntimeClass"],
  ...["SelfSubjectAccessReview", "ServiceCIDR", "StorageClass", "StorageVersion", "StorageVersionMigration"],
  ...["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration"],
  ...["VolumeAttachment", "VolumeAttributesClass"],
]);

/**
 * Whether objects of a kind live in a namespace. Undefined for a kind that is not Kubernetes' own: then only the API
 * server knows. Knowing the built-in kinds here keeps a preview without changes from asking the server anything.
 */
export function isNamespaced(kind: Kind): boolean | undefined {
  return builtInGroups.test(kind.group) ? !clusterWide.has(kind.kind) : undefined;
}
