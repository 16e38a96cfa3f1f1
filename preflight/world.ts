import { rolledOut } from "../components/web/rollout.ts";
import { attest } from "../registry/attestations.ts";
import { clusterIdentity } from "./cluster-identity.ts";
import { checkReachable } from "./reachability.ts";
import { refuseImpossibleGrowth } from "./volume-growth.ts";

/** Everything that the program asks of clusters, registries and builders by itself, rather than through the engine. */
export const realWorld = { checkReachable, clusterIdentity, refuseImpossibleGrowth, attest, rolledOut };

/** A world that the program can run in: the real one, or a simulated one. */
export type World = typeof realWorld;
