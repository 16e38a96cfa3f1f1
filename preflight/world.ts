import { waitForRollout } from "../components/web/rollout.ts";
import { attest } from "../registry/attestations.ts";
import { clusterIdentity } from "./cluster-identity.ts";
import { checkReachable } from "./reachability.ts";
import { refuseImpossibleGrowth } from "./volume-growth.ts";

/** Requests of the program to clusters, registries and builders, other than through the engine. */
export const realWorld = { checkReachable, clusterIdentity, refuseImpossibleGrowth, attest, waitForRollout };

/** The real world, or a simulated one for tests and `npm run environments`. */
export type World = typeof realWorld;
