/** Annotation of an ingress, or of a Service in place of the ingress's, for Amazon's load balancers. */
export const healthCheckPath = "alb.ingress.kubernetes.io/healthcheck-path";

/**
 * Annotations for the health check of a load balancer. Without a path, any answer but an error of the server will do: the
 * readiness probe decides as well, so a pod that answers at all is healthy enough.
 *
 * @see https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/#health-check
 */
export const healthCheck = (path?: string): Record<string, string> =>
  path === undefined
    ? { [healthCheckPath]: "/", "alb.ingress.kubernetes.io/success-codes": "200-499" }
    : { [healthCheckPath]: path };
