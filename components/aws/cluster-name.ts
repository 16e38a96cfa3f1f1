import * as pulumi from "@pulumi/pulumi";

/** Name of a stack's cluster in EKS: of the one that is there, or that it makes. A stack may be called prod.eu, a cluster may not. */
export const clusterName = ({ existing, name }: { readonly existing?: string; readonly name?: string }): string =>
  existing ?? name ?? `${pulumi.getProject()}-${pulumi.getStack()}`.replace(/[^\w-]/g, "-").slice(0, 100);
