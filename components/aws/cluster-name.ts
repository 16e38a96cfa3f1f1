/**
 * Name of a stack's cluster in EKS: of the one that is there, or that it makes. A stack may be called prod.eu, a cluster may not.
 *
 * @param eks the setting `slipway:cluster.eks`
 */
export const clusterName = (
  { existing, name }: { readonly existing?: string; readonly name?: string },
  project: string,
  stack: string,
): string => existing ?? name ?? `${project}-${stack}`.replace(/[^\w-]/g, "-").slice(0, 100);
