import { setImmediate } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import type { Verified } from "../components/release/verified.ts";
import type { Promoted } from "../components/release.ts";
import { type Migrated, parseMigration } from "../components/web/migration.ts";
import { readSource, type Source } from "../image/source.ts";
import type { Settings } from "../settings/load.ts";
import { ownersOf } from "../settings/volumes.ts";
import type { ClusterIdentity } from "./cluster-identity.ts";
import { dataOf, parseData, refuseDataLoss, type StackData } from "./data-loss.ts";
import { parseVerified, stackOutputs } from "./last-update.ts";
import type { PromotionArgs } from "./promotion.ts";
import type { World } from "./world.ts";

/** Inputs of a deployment that passed preflight. */
export interface Plan {
  /** Source to build, or the release to promote. */
  readonly from: Source | Promoted;
  /** Data of this stack. @default none, without a database and volumes */
  readonly data?: StackData;
  /** Cluster to deploy to. */
  readonly cluster: ClusterIdentity;
  /** Outputs of this stack's last update. */
  readonly previous: {
    readonly verified: Verified;
    /** @default none */
    readonly migrated?: Migrated;
    /** Claims, namespaces and clusters, for `safeguard`. */
    readonly guarded?: unknown;
  };
}

/**
 * Refuses, before anything is changed, what cannot or must not be deployed. Reports the first reason, in this order: lost
 * data, unreadable source, a service that does not answer, a release that may not run.
 *
 * @param lookUp looks up the digest of a tag of the image's repository @default the registry is asked
 * @throws UserError with the reason and what to do
 */
export async function preflight(
  settings: Settings,
  lookUp: PromotionArgs["lookUp"] | undefined,
  world: Pick<World, "checkReachable" | "clusterIdentity" | "refuseImpossibleGrowth">,
): Promise<Plan> {
  // Checks that register no resource run at once. A promotion waits, because it registers one: the engine would write
  // this stack's state while its outputs are read.
  const data = dataOf(settings, ownersOf(settings));
  const checks = [previousUpdate(settings, data), sourceOrRelease(settings, world.checkReachable)] as const;
  await Promise.allSettled(checks);
  const [last, chosen] = await Promise.all(checks);
  // After the reachability check, which reports a silent cluster within seconds.
  const cluster = await world.clusterIdentity(settings.cluster, last.cluster, last.address);
  await world.refuseImpossibleGrowth(settings.cluster, last.data, data);
  const plan = { data, cluster, previous: last.previous };
  if ("content" in chosen) return { ...plan, from: chosen };
  const { promote } = await import("./promotion.ts");
  return { ...plan, from: await promote({ ...chosen, lookUp }) };
}

/** Reads the outputs of this stack's last update. @throws UserError if its data would be lost */
async function previousUpdate({ release }: Settings, next?: StackData) {
  const stack = pulumi.getStack();
  const { verified, migrated, data, cluster, guarded } = await stackOutputs(stack);
  const previousData = parseData(data);
  refuseDataLoss(previousData, next);
  return {
    previous: {
      verified: parseVerified(stack, verified),
      migrated: parseMigration(migrated, release.repository),
      guarded,
    },
    cluster,
    address: (data as { cluster?: unknown } | undefined)?.cluster,
    data: previousData,
  };
}

/** Reads the source to build, or returns the release to promote. @throws UserError if cluster, registry or builder do not answer */
async function sourceOrRelease(settings: Settings, checkReachable: World["checkReachable"]) {
  // Lets the engine read the last update while git and the source keep this program busy.
  await setImmediate();
  const { build, source } = settings.release;
  const chosen = build ? await readSource(build, source, settings.buildSecrets) : settings.release;
  await checkReachable(settings, "content" in chosen ? chosen.content.key : undefined);
  return chosen;
}
