/** Kubernetes types whose deletion loses data, with the word for each in messages. */
export const kubernetesDataTypes: Readonly<Record<string, string>> = {
  "kubernetes:core/v1:PersistentVolumeClaim": "claim",
  "kubernetes:core/v1:PersistentVolume": "volume",
  "kubernetes:core/v1:Namespace": "namespace",
  "kubernetes:snapshot.storage.k8s.io/v1:VolumeSnapshot": "snapshot",
  "kubernetes:snapshot.storage.k8s.io/v1:VolumeSnapshotContent": "snapshot content",
  "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition": "resource definition",
};

/** Types of any cloud, by their ending; the images in a repository and the keys of volumes are data too. */
const cloudDataTypes =
  /^(?!docker|kubernetes:).*(Bucket(V2)?|Database|Volume|Disk|FileSystem|(?<!Route)Table|Repository|Vault|Snapshot|\bKey)$|^aws:(rds|docdb|neptune|elasticache|redshift|eks)\/(instance|cluster|globalCluster)/;

/** Whether the deletion of a resource of this type loses data. */
export const holdsData = (type: string): boolean => type in kubernetesDataTypes || cloudDataTypes.test(type);
