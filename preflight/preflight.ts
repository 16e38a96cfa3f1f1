import { setImmediate } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import type { Verified } from "../components/release/verified.ts";
import { lastMigration, type Migrated } from "../components/web/migration.ts";
import { readSource, type Source } from "../image/source.ts";
import type { Settings } from "../settings/load.ts";
import { type ClusterIdentity, clusterIdentity } from "./cluster-identity.ts";
import { dataOf, type KeptData, recordedData, refuseDataLoss } from "./data-loss.ts";
import { outputsOf, verifiedIn } from "./last-update.ts";
import type { Promoted, PromotionArgs } from "./promotion.ts";
import { checkReachable } from "./reachable.ts";
import { refuseImpossibleGrowth } from "./volume-growth.ts";

/** What a deployment that nothing refuses starts from. */
export interface Cleared {
  /** What is to run: source to build, or the release to promote. */
  readonly from: Source | Promoted;
  /** What this stack has verified so far. */
  readonly earlier: Verified;
  /** The migration that its last update recorded. Default: none. */
  readonly migrated?: Migrated;
  /** Which data it keeps, and how. Default: none, without a database. */
  readonly kept?: KeptData;
  /** Which cluster it is deployed to. */
  readonly cluster: ClusterIdentity;
  /** The claims, namespaces and clusters that its last update recorded, for `safeguard`. */
  readonly guarded?: unknown;
}

/**
 * Whatever can refuse the deployment does so here, before anything is changed; where several refuse, the first one in this order is
 * told: data that would be lost, source that cannot be read, what does not answer, a release that may not run.
 *
 * @param lookUp what a tag of the image's repository points to. Default: the registry is asked
 * @throws pulumi.RunError that says what refuses, why, and what to do
 */
export async function preflight(settings: Settings, lookUp?: PromotionArgs["lookUp"]): Promise<Cleared> {
  // What makes no resource is asked at once. A promotion waits, for it makes one: the engine would be writing this stack's state
  // while its outputs are read.
  const kept = dataOf(settings);
  const checks = [lastUpdate(settings, kept), origin(settings)] as const;
  await Promise.allSettled(checks);
  const [last, chosen] = await Promise.all(checks);
  // Asked last: it has to answer.
  const cluster = await clusterIdentity(settings.cluster, last.cluster, last.address);
  await refuseImpossibleGrowth(settings.cluster, last.data, kept);
  const { earlier, migrated, guarded } = last;
  const cleared = { earlier, migrated, guarded, kept, cluster };
  if ("content" in chosen) return { ...cleared, from: chosen };
  const { promote } = await import("./promotion.ts");
  return { ...cleared, from: await promote({ ...chosen, lookUp }) };
}

/** What this stack has verified and migrated so far, and where; its data is not to be lost. */
async function lastUpdate({ release }: Settings, kept?: KeptData) {
  const stack = pulumi.getStack();
  const { verified, migrated, data, cluster, guarded } = await outputsOf(stack);
  refuseDataLoss(data, kept);
  return {
    earlier: verifiedIn(stack, verified),
    migrated: lastMigration(migrated, release.repository),
    cluster,
    address: (data as { cluster?: unknown } | undefined)?.cluster,
    guarded,
    data: recordedData(data),
  };
}

/** What is to be built, or the release to promote; with a cluster, a registry and a builder that answer. */
async function origin(settings: Settings) {
  // The engine is asked about the last update first, and looks while git and the reading keep the program busy.
  await setImmediate();
  const { build, source } = settings.release;
  const chosen = build ? await readSource(build, source, settings.buildSecrets) : settings.release;
  await checkReachable(settings, "content" in chosen ? chosen.content.key : undefined);
  return chosen;
}
