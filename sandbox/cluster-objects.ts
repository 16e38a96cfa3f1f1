import { apply } from "./addons/apply.ts";

const provisionerNamespace = "local-path-storage";

/** What every cluster is expected to offer besides names for services: a default class of storage. */
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
        // Volumes of the type "local" honour fsGroup; host paths do not, and a database that is not root could not write.
        defaultVolumeType: "local",
      },
    },
    provisioner: "rancher.io/local-path",
    volumeBindingMode: "WaitForFirstConsumer",
    reclaimPolicy: "Retain",
    allowVolumeExpansion: true,
  },
];

/** Puts these objects into the cluster; those that are there stay as they are. @throws UserError with the server's words */
export const applyClusterObjects = (): Promise<void> => apply("The cluster's own objects", objects);
