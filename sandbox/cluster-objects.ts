import { cluster, places, ports } from "./places.ts";
import { kubectl } from "./probes.ts";
import { Failure } from "./progress.ts";

const provisionerNamespace = "local-path-storage";

const dnsPorts = [
  { name: "dns", protocol: "UDP", port: 53 },
  { name: "dns-tcp", protocol: "TCP", port: 53 },
];

/** What every cluster is expected to offer: names for services, and a default class of storage. */
const objects = [
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "kube-dns", namespace: "kube-system" },
    // No selector: CoreDNS runs on the machine itself, and the slice below says where.
    spec: { clusterIP: cluster.dnsAddress, ports: dnsPorts },
  },
  {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: "kube-dns-node", namespace: "kube-system", labels: { "kubernetes.io/service-name": "kube-dns" } },
    addressType: "IPv4",
    endpoints: [{ addresses: [cluster.nodeAddress], conditions: { ready: true } }],
    ports: dnsPorts.map((port) => ({ ...port, port: ports.dns })),
  },
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

/** Puts these objects into the cluster; those that are there stay as they are. @throws Failure with the server's words */
export async function applyClusterObjects(): Promise<void> {
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
  const result = await kubectl(
    ["apply", "--server-side", "--force-conflicts", "--field-manager=slipway-sandbox", "-f", "-"],
    list,
  );
  if (result.code !== 0)
    throw new Failure(`The cluster's own objects cannot be applied (${places.kubeconfig}):\n${result.stderr}`);
}
