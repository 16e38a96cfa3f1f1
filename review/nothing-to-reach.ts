import type { Records } from "../components/records/keep.ts";
import { digest } from "./record.ts";

/** Stands in for reachable.ts while an environment is rendered: no cluster, registry or builder is spoken to. */
export const checkReachable = async (): Promise<void> => {};
export const clusterIdentity = (): undefined => undefined;

/** Stands in for records/keep.ts: there is no registry to keep anything in. */
export const keepRecords = async (): Promise<Records> => ({ sbom: digest, provenance: digest });
