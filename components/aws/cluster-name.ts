/**
 * Name of a stack's EKS cluster, existing or new. A stack's name may contain dots, a cluster's may not.
 *
 * @param eks the setting `slipway:cluster.eks`
 */
export const clusterName = (
  { existing, name }: { readonly existing?: string; readonly name?: string },
  project: string,
  stack: string,
): string => existing ?? name ?? `${project}-${stack}`.replace(/[^\w-]/g, "-").slice(0, 100);
