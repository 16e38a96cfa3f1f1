import type { V1StorageClass } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import { connectionFrom } from "../cluster/client.ts";
import { bytes } from "../settings/quantity.ts";
import type { Settings } from "../settings/schema.ts";
import { UserError } from "../settings/user-error.ts";
import type { StackData } from "./data-loss.ts";

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

interface Growth {
  readonly setting: string;
  readonly claim: string;
  readonly from: string;
  readonly to: string;
}

/** Lists the claims that would grow. */
function growthOf(before: StackData, after: StackData): Growth[] {
  const pairs = [
    { setting: "slipway:database.storage", claim: after.claim, from: before.storage, to: after.storage },
    {
      setting: "slipway:database.backups.storage",
      claim: after.backups?.claim ?? "",
      from: before.backups?.storage,
      to: after.backups?.storage,
    },
  ];
  return pairs.flatMap(({ from, to, ...rest }) =>
    from !== undefined && to !== undefined && bytes(to) > bytes(from) ? [{ ...rest, from, to }] : [],
  );
}

/**
 * Refuses to grow a claim if its storage class can't: the update would wait in vain. Asks the cluster only if a claim
 * grows. Amazon EKS is not asked: Slipway's own class there allows it.
 *
 * @throws UserError with the claim, its class and what to do
 */
export async function refuseImpossibleGrowth(
  { eks, context, kubeconfig }: Settings["cluster"],
  before: StackData | undefined,
  after: StackData | undefined,
): Promise<void> {
  const growth = before && after ? growthOf(before, after) : [];
  if (growth.length === 0 || eks || context === undefined) return;
  const { CoreV1Api, StorageV1Api } = await import("@kubernetes/client-node");
  const config = await connectionFrom(kubeconfig, context);
  const reasons: string[] = [];
  for (const { setting, claim, from, to } of growth) {
    const name = await config
      .makeApiClient(CoreV1Api)
      .readNamespacedPersistentVolumeClaim({ namespace: after?.namespace ?? "", name: claim })
      .then(
        ({ spec }) => spec?.storageClassName,
        // If it is missing or may not be read, the preview reports that.
        () => undefined,
      );
    if (!name) continue;
    const storage = await config
      .makeApiClient(StorageV1Api)
      .readStorageClass({ name })
      .catch(() => undefined);
    const why = storage && whyNot(storage);
    if (why)
      reasons.push(
        `  - ${setting} is ${to}, it was ${from}: claim ${claim} can't grow, its storage class ${name} ${why}`,
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
