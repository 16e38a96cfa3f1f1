import type * as k8s from "@pulumi/kubernetes";

/**
 * What a pod and its containers need to pass the Pod Security level "restricted"
 * (https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted), and nothing of their own to lose:
 * no service account token, a read-only root filesystem, one user and group.
 */
export const restrictedPod = (user: number) =>
  ({
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: user,
      runAsGroup: user,
      fsGroup: user,
      fsGroupChangePolicy: "OnRootMismatch",
      seccompProfile: { type: "RuntimeDefault" },
    },
  }) satisfies Partial<k8s.types.input.core.v1.PodSpec>;

export const restrictedContainer = {
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  },
} satisfies Partial<k8s.types.input.core.v1.Container>;

/** What one container gets; Kubernetes quantities. */
export interface Resources {
  /** CPU that is set aside, as in `100m`. */
  readonly cpu: string;
  /** CPU at the most. */
  readonly cpuLimit: string;
  /** Memory that is set aside, and the limit as well: what is promised is there, and nothing more is taken. */
  readonly memory: string;
}

/** Requests and limits as Kubernetes writes them. */
export const requestsAndLimits = ({ cpu, cpuLimit, memory }: Resources) => ({
  requests: { cpu, memory },
  limits: { cpu: cpuLimit, memory },
});
