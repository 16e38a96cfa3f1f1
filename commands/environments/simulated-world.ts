import type { World } from "../../preflight/world.ts";
import { digest } from "./capture-resources.ts";

/** Simulated cluster, registry and builder for rendering an environment; nothing is contacted. */
export const simulatedWorld: World = {
  checkReachable: async () => {},
  clusterIdentity: async () => ({ id: "cluster" }),
  refuseImpossibleGrowth: async () => {},
  attest: async () => ({ sbom: digest, provenance: digest }),
  waitForRollout: ({ metadata }) => metadata.name,
};
