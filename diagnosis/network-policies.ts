import { type KubeConfig, NetworkingV1Api, type V1Pod } from "@kubernetes/client-node";

/**
 * Returns whether network policies deny a pod every outgoing connection that none of them allows. False if they cannot be
 * read: a report can do without.
 */
export async function deniesOutgoing(config: KubeConfig, namespace: string, pod: V1Pod | undefined): Promise<boolean> {
  const { items } = await config
    .makeApiClient(NetworkingV1Api)
    .listNamespacedNetworkPolicy({ namespace })
    .catch(() => ({ items: [] }));
  const labels = pod?.metadata?.labels ?? {};
  return items.some(({ spec: { policyTypes, podSelector } = {} }) => {
    const { matchLabels = {}, matchExpressions = [] } = podSelector ?? {};
    const isSelected = Object.entries(matchLabels).every(([label, value]) => labels[label] === value);
    return policyTypes?.includes("Egress") && isSelected && matchExpressions.length === 0;
  });
}
