import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { connectionFrom } from "../cluster/client.ts";
import { addressOf, type ClusterEntry, clusterEntry } from "../cluster/kubeconfig.ts";
import { clusterName } from "../components/aws/cluster-name.ts";
import type { Settings } from "../settings/schema.ts";
import { UserError } from "../settings/user-error.ts";

const identitySchema = z.object({ id: z.string(), reachedBy: z.string().optional() });

/**
 * The stack's output `cluster`, which tells its cluster from every other:
 *
 * - `id`: account and name in Amazon EKS; otherwise the uid of the namespace kube-system, which lives as long as the
 *   cluster and does not depend on the kubeconfig.
 * - `reachedBy`: a hash of the server's address and certificate authority. If it is unchanged, the cluster is not asked.
 */
export type ClusterIdentity = z.infer<typeof identitySchema>;

type Cluster = Settings["cluster"];

/**
 * Identifies the cluster of the settings. Asks it only on the first update, or if it is reached in another way.
 *
 * @param output the stack's output `cluster`; undefined before its first `up`
 * @param address the cluster's address in the output `data`, of versions before 0.3
 * @throws UserError if it is another cluster than that of the last update, or does not say which it is
 */
export async function clusterIdentity(
  cluster: Cluster,
  output: unknown,
  address?: unknown,
  env = process.env,
): Promise<ClusterIdentity> {
  const { data: previous } = identitySchema.safeParse(output);
  if (!previous && typeof address === "string" && address !== legacyAddress(cluster, env))
    throw new UserError(otherCluster(cluster, address, legacyAddress(cluster, env)));
  const current = await identify(cluster, previous, env);
  if (previous && previous.id !== current.id) throw new UserError(otherCluster(cluster, previous.id, current.id));
  return current;
}

/** The identity in versions before 0.3. */
const legacyAddress = (cluster: Cluster, env: NodeJS.ProcessEnv): string =>
  cluster.eks ? eksId(cluster.eks) : addressOf(clusterEntry(cluster, env));

async function identify(
  cluster: Cluster,
  previous: ClusterIdentity | undefined,
  env: NodeJS.ProcessEnv,
): Promise<ClusterIdentity> {
  if (cluster.eks) return { id: eksId(cluster.eks) };
  const reachedBy = connectionHash(clusterEntry(cluster, env));
  return reachedBy === previous?.reachedBy ? { ...previous, reachedBy } : { id: await readId(cluster), reachedBy };
}

const eksId = (eks: NonNullable<Cluster["eks"]>): string =>
  `${eks.account}/${clusterName(eks, pulumi.getProject(), pulumi.getStack())}`;

/** A server at the same address with a certificate of the same authority is the same cluster. */
function connectionHash(entry: ClusterEntry): string {
  const file = entry["certificate-authority"];
  const authority =
    entry["certificate-authority-data"] ?? (file && existsSync(file) ? readFileSync(file, "base64") : "");
  const connection = [entry.server, authority.replace(/\s/g, ""), entry["proxy-url"] ?? ""];
  return createHash("sha256").update(JSON.stringify(connection)).digest("hex").slice(0, 32);
}

async function readId({ context, kubeconfig }: { context: string; kubeconfig?: string }): Promise<string> {
  const { CoreV1Api } = await import("@kubernetes/client-node");
  try {
    const config = await connectionFrom(kubeconfig, context);
    const { metadata } = await config.makeApiClient(CoreV1Api).readNamespace({ name: "kube-system" });
    if (metadata?.uid) return metadata.uid;
    throw new Error("its namespace kube-system has no uid");
  } catch (error) {
    throw new UserError(unidentified(context, error as Error & { code?: number }));
  }
}

function unidentified(context: string, { code, message }: Error & { code?: number }): string {
  const [reason, remedy] =
    code === 401
      ? ["it does not accept the kubeconfig's credentials (401)", "log in to it again"]
      : code === 403
        ? [
            "whoever runs pulumi may not read its namespace kube-system (403)",
            "allow it: kubectl create clusterrole cluster-identity --verb=get --resource=namespaces --resource-name=kube-system, and bind it",
          ]
        : [message.split("\n")[0], "check that it answers: kubectl get namespace kube-system"];
  return `slipway:cluster.context is ${context}, which does not say which cluster it is; nothing was changed.\n  ${reason}\n  ${remedy}\n`;
}

function otherCluster(cluster: Cluster, previous: string, current: string): string {
  const stack = pulumi.getStack();
  const setting = cluster.eks ? "slipway:cluster.eks" : `slipway:cluster.context is ${cluster.context}, which`;
  return [
    `refused, because stack ${stack} was deployed to another cluster; nothing was changed.`,
    `  ${setting} is cluster ${current}; the last update was in cluster ${previous}.`,
    "  Everything that the stack has there would be deleted, its data included.",
    `  To keep it: set it back in Pulumi.${stack}.yaml, or in the kubeconfig.`,
    `  To move: pulumi destroy --stack ${stack} in the previous cluster, which deletes it, then pulumi up --stack ${stack}`,
    "",
  ].join("\n");
}
