import type { Finding } from "./lint.ts";

/** Accepted findings and the reason why. */
export interface Waiver {
  readonly check: string;
  /** Matches the objects. */
  readonly objects: RegExp;
  /** Matches the message of the finding. */
  readonly detail: RegExp;
  readonly reason: string;
}

const anything = /(?:)/;

/** Accepted findings, which the linters have to report. */
export const waivers: readonly Waiver[] = [
  {
    check: "container-ephemeral-storage-request-and-limit",
    objects: anything,
    detail: /: Ephemeral Storage (request|limit) is not set$/,
    reason:
      "root filesystems are read-only and every emptyDir has a size limit, which the kubelet enforces; what is left are logs, which it rotates",
  },
  {
    check: "container-image-pull-policy",
    objects: anything,
    detail: /: ImagePullPolicy is not set to Always$/,
    reason:
      "what a digest names never changes; and a database that restarts must neither wait for a registry nor find another minor version",
  },
  {
    check: "container-security-context-user-group-id",
    objects: /^(StatefulSet database|Job database-login-\w+-0a1b2c3d|CronJob database-backups-0a1b2c3d)$/,
    detail: /: The container (is )?running with a low (user|group) ID$/,
    reason: "999 is the user of the official postgres image, whose data directory belongs to it",
  },
  {
    check: "pod-probes-identical",
    objects: /^StatefulSet database$/,
    detail: anything,
    reason:
      "PostgreSQL answers one question, whether it accepts connections; what differs is the patience, 15 s until it gets none and 60 s until it is restarted",
  },
  {
    check: "statefulset-has-servicename",
    objects: /^StatefulSet database$/,
    detail: anything,
    reason:
      "it wants a headless service, which gives pods names of their own; there is one pod, and nobody asks for it by name",
  },
  {
    check: "deployment-has-host-podantiaffinity",
    objects: /^Deployment web-0a1b2c3d$/,
    detail: anything,
    reason: "topologySpreadConstraints spread the pods over nodes and over zones, which this check does not know of",
  },
  {
    check: "statusError",
    objects: /^(IngressClassParams|NodeClass|NodePool) slipway$/,
    detail: /^could not find schema for (IngressClassParams|NodeClass|NodePool)$/,
    reason:
      "kubeconform knows the kinds of Kubernetes; these are Amazon EKS's own, and tests/components/aws has its fields",
  },
  {
    check: "service-type",
    objects: /^Service web$/,
    detail: /NodePort/,
    reason: "only dev, whose cluster has no ingress, asks for one",
  },
];

/** Waiver of a finding; undefined if there is none. */
export const waiverFor = ({ check, object, detail }: Finding): Waiver | undefined =>
  waivers.find((waiver) => waiver.check === check && waiver.objects.test(object) && waiver.detail.test(detail));
