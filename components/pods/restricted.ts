import type * as k8s from "@pulumi/kubernetes";

/**
 * Pod fields that the Pod Security level "restricted" asks for, and no service account token
 * (https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted).
 *
 * @param user numeric id of the user and group
 * @param port that its process listens on; one below 1024 needs a sysctl, which that level allows @default none
 */
export const restrictedPod = (user: number, port = 1024) =>
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
      ...(port < 1024 && { sysctls: [{ name: "net.ipv4.ip_unprivileged_port_start", value: "0" }] }),
    },
  }) satisfies Partial<k8s.types.input.core.v1.PodSpec>;

/** Container fields that the same level asks for, and a read-only root filesystem. */
export const restrictedContainer = {
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  },
} satisfies Partial<k8s.types.input.core.v1.Container>;

/** Compute resources of one container, as Kubernetes quantities. */
export interface Resources {
  /** CPU request, as in `100m`. */
  readonly cpu: string;
  /** CPU limit. */
  readonly cpuLimit: string;
  /** Memory request and limit: equal, so that a container never depends on memory that it was not promised. */
  readonly memory: string;
}

/** Requests and limits of a container. */
export const requestsAndLimits = ({ cpu, cpuLimit, memory }: Resources) => ({
  requests: { cpu, memory },
  limits: { cpu: cpuLimit, memory },
});
