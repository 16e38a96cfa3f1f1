import { apply } from "./addons/apply.ts";

const provisionerNamespace = "local-path-storage";

/** Default StorageClass, which every cluster is expected to have. */
const objects = [
  { apiVersion: "v1", kind: "Namespace", metadata: { name: provisionerNamespace } },
  {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "local-path-config", namespace: provisionerNamespace },
    data: {
      setup: '#!/bin/sh\nset -eu\nmkdir -m 0777 -p "$VOL_DIR"\n',
      teardown: '#!/bin/sh\nset -eu\nrm -rf "$VOL_DIR"\n',
    },
  },
  {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: {
      name: "local-path",
      annotations: {
        "storageclass.kubernetes.io/is-default-class": "true",
        // "local" volumes honour fsGroup, host paths do not: a database that is not root could not write.
        defaultVolumeType: "local",
      },
    },
    provisioner: "rancher.io/local-path",
    volumeBindingMode: "WaitForFirstConsumer",
    reclaimPolicy: "Retain",
    allowVolumeExpansion: true,
  },
];

/** Applies these objects to the cluster. @throws UserError with the API server's message */
export const applyClusterObjects = (): Promise<void> => apply("The cluster's own objects", objects);
