/** Kinds of Kubernetes objects whose deletion loses data, with the word for each in messages. */
const kubernetesKinds: Readonly<Record<string, string>> = {
  PersistentVolumeClaim: "claim",
  PersistentVolume: "volume",
  Namespace: "namespace",
  VolumeSnapshot: "snapshot",
  VolumeSnapshotContent: "snapshot content",
  CustomResourceDefinition: "resource definition",
};

/** Types of any cloud. The images of a repository and the key of a volume are data too. */
const cloudTypes =
  /^(?!docker|kubernetes:).*(Bucket(V2)?|Database|Volume|Disk|FileSystem|(?<!Route)Table|Repository|Vault|Snapshot|\bKey)$|^aws:(rds|docdb|neptune|elasticache|redshift|eks)\/(instance|cluster|globalCluster)/;

/** The word for a Kubernetes object that holds data. @returns undefined for any other resource */
export const dataKind = (type: string): string | undefined =>
  type.startsWith("kubernetes:") ? kubernetesKinds[type.split(":").at(-1) ?? ""] : undefined;

/** Checks whether the deletion of a resource of this type loses data. */
export const holdsData = (type: string): boolean => dataKind(type) !== undefined || cloudTypes.test(type);
