import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { connectionFrom } from "../cluster/client.ts";
import { addressOf, type ClusterEntry, clusterEntry } from "../cluster/kubeconfig.ts";
import { clusterName } from "../components/aws/cluster-name.ts";
import type { Settings } from "../settings/schema.ts";
import { UserError } from "../settings/user-error.ts";

const record = z.object({ id: z.string(), reachedBy: z.string().optional() });

/**
 * What tells a stack's cluster from every other: its output `cluster`.
 *
 * - `id`: of Amazon's, account and name; of any other, the identity of its namespace kube-system, which lives as long as the cluster.
 *   No kubeconfig changes it.
 * - `reachedBy`: a hash of the server's address and certificate authority, by which the same cluster is known without being asked.
 */
export type ClusterIdentity = z.infer<typeof record>;

type Cluster = Settings["cluster"];

/**
 * Tells which cluster the settings name. It is asked only where nothing is recorded, or where it is reached in another way.
 *
 * @param recorded the stack's output `cluster`; undefined before its first `up`
 * @param address the cluster's address in its output `data`, where versions before 0.3 recorded that
 * @throws UserError where it is another one than the recorded, or does not say which it is
 */
export async function clusterIdentity(
  cluster: Cluster,
  recorded: unknown,
  address?: unknown,
  env = process.env,
): Promise<ClusterIdentity> {
  const { data: before } = record.safeParse(recorded);
  if (!before && typeof address === "string" && address !== addressIn(cluster, env))
    throw new UserError(otherCluster(cluster, address, addressIn(cluster, env)));
  const now = await identify(cluster, before, env);
  if (before && before.id !== now.id) throw new UserError(otherCluster(cluster, before.id, now.id));
  return now;
}

/** The cluster as versions before 0.3 recorded it. */
const addressIn = (cluster: Cluster, env: NodeJS.ProcessEnv): string =>
  cluster.eks ? amazonId(cluster.eks) : addressOf(clusterEntry(cluster, env));

async function identify(
  cluster: Cluster,
  before: ClusterIdentity | undefined,
  env: NodeJS.ProcessEnv,
): Promise<ClusterIdentity> {
  if (cluster.eks) return { id: amazonId(cluster.eks) };
  const reachedBy = wayTo(clusterEntry(cluster, env));
  return reachedBy === before?.reachedBy ? { ...before, reachedBy } : { id: await ask(cluster), reachedBy };
}

const amazonId = (eks: NonNullable<Cluster["eks"]>): string =>
  `${eks.account}/${clusterName(eks, pulumi.getProject(), pulumi.getStack())}`;

/** Whoever answers there with a certificate of that authority is the cluster that did so before. */
function wayTo(entry: ClusterEntry): string {
  const file = entry["certificate-authority"];
  const authority =
    entry["certificate-authority-data"] ?? (file && existsSync(file) ? readFileSync(file, "base64") : "");
  const way = [entry.server, authority.replace(/\s/g, ""), entry["proxy-url"] ?? ""];
  return createHash("sha256").update(JSON.stringify(way)).digest("hex").slice(0, 32);
}

async function ask({ context, kubeconfig }: { context: string; kubeconfig?: string }): Promise<string> {
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
  const [said, remedy] =
    code === 401
      ? ["it does not accept the kubeconfig's credentials (401)", "log in to it again"]
      : code === 403
        ? [
            "whoever runs pulumi may not read its namespace kube-system (403)",
            "allow it: kubectl create clusterrole cluster-identity --verb=get --resource=namespaces --resource-name=kube-system, and bind it",
          ]
        : [message.split("\n")[0], "see that it answers: kubectl get namespace kube-system"];
  return `slipway:cluster.context is ${context}, which does not say which cluster it is; nothing was changed.\n  ${said}\n  ${remedy}\n`;
}

function otherCluster(cluster: Cluster, before: string, now: string): string {
  const stack = pulumi.getStack();
  const setting = cluster.eks ? "slipway:cluster.eks" : `slipway:cluster.context is ${cluster.context}, which`;
  return [
    `refused, because stack ${stack} was deployed to another cluster; nothing was changed.`,
    `  ${setting} is cluster ${now}; the last update was in cluster ${before}.`,
    "  All that it has there would be deleted, its data with it.",
    `  To keep it: set it back in Pulumi.${stack}.yaml, or in the kubeconfig.`,
    `  To move: pulumi destroy --stack ${stack} in the cluster before, which deletes it, then pulumi up --stack ${stack}`,
    "",
  ].join("\n");
}
