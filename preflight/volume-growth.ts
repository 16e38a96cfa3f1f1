import type { V1StorageClass } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import { connectionFrom } from "../cluster/client.ts";
import { bytes } from "../settings/quantity.ts";
import type { Settings } from "../settings/schema.ts";
import { UserError } from "../settings/user-error.ts";
import { type StackData, volumesOf } from "./data-loss.ts";

/** Provisioners that never expand a volume, even if their class allows it. */
const withoutExpansion = [
  "rancher.io/local-path",
  "kubernetes.io/no-provisioner",
  "kubernetes.io/host-path",
  "docker.io/hostpath",
  "k8s.io/minikube-hostpath",
  "microk8s.io/hostpath",
];

const whyNot = ({ provisioner, allowVolumeExpansion }: V1StorageClass): string | undefined => {
  if (!allowVolumeExpansion) return "does not allow it (allowVolumeExpansion)";
  return withoutExpansion.includes(provisioner) ? `never does it (provisioner ${provisioner})` : undefined;
};

/**
 * Refuses to grow a claim if its storage class can't: the update would wait in vain. Asks the cluster only if a claim
 * grows. Amazon EKS is not asked: Slipway's own class there allows it.
 *
 * @throws UserError with the claim, its class and what to do
 */
export async function refuseImpossibleGrowth(
  { eks, context, kubeconfig }: Settings["cluster"],
  earlier: StackData | undefined,
  next: StackData | undefined,
): Promise<void> {
  if (!earlier || !next || eks || context === undefined) return;
  const growing = volumesOf(earlier, next).filter(({ from, to }) => bytes(to) > bytes(from));
  if (growing.length === 0) return;
  const { CoreV1Api, StorageV1Api } = await import("@kubernetes/client-node");
  const config = await connectionFrom(kubeconfig, context);
  const [core, storage] = [config.makeApiClient(CoreV1Api), config.makeApiClient(StorageV1Api)];
  const reasons: string[] = [];
  for (const { setting, claim, from, to } of growing) {
    // If claim or class is missing or may not be read, the preview reports that.
    const name = await core.readNamespacedPersistentVolumeClaim({ namespace: next.namespace, name: claim }).then(
      ({ spec }) => spec?.storageClassName,
      () => undefined,
    );
    const storageClass = name ? await storage.readStorageClass({ name }).catch(() => undefined) : undefined;
    const reason = storageClass && whyNot(storageClass);
    if (reason)
      reasons.push(
        `  - ${setting} is ${to}, it was ${from}: claim ${claim} can't grow, its storage class ${name} ${reason}`,
      );
  }
  if (reasons.length > 0)
    throw new UserError(
      [
        "a volume can't grow; nothing was changed.",
        ...reasons,
        `  Set it back in Pulumi.${pulumi.getStack()}.yaml. For more room: another stack whose class can grow, and a backup restored into it.`,
        "",
      ].join("\n"),
    );
}
