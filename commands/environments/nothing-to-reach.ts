import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { ClusterIdentity } from "../../preflight/cluster-identity.ts";
import type { Records } from "../../registry/attestations.ts";
import { digest } from "./record.ts";

/** Stands in for reachable.ts while an environment is rendered: no cluster, registry or builder is spoken to. */
export const checkReachable = async (): Promise<void> => {};

/** Stands in for cluster-identity.ts: there is no cluster to ask. */
export const clusterIdentity = async (): Promise<ClusterIdentity> => ({ id: "cluster" });

/** Stands in for volume-growth.ts: there is no class to ask for. */
export const refuseImpossibleGrowth = async (): Promise<void> => {};

/** Stands in for records/keep.ts: there is no registry to keep anything in. */
export const keepRecords = async (): Promise<Records> => ({ sbom: digest, provenance: digest });

/** Stands in for rollout.ts: there are no pods to wait for. */
export const rolledOut = ({ metadata }: k8s.apps.v1.Deployment): pulumi.Output<string> => metadata.name;
