import type { World } from "../../preflight/world.ts";
import { digest } from "./capture-resources.ts";

/** A world with nothing to reach, for rendering an environment: no cluster, registry or builder is asked. */
export const simulatedWorld: World = {
  checkReachable: async () => {},
  clusterIdentity: async () => ({ id: "cluster" }),
  refuseImpossibleGrowth: async () => {},
  attest: async () => ({ sbom: digest, provenance: digest }),
  rolledOut: ({ metadata }) => metadata.name,
};
