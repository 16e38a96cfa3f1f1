import { replaceUnready } from "../../cluster/annotations.ts";

/** Seconds between the pod's deadline and its Job's. */
const graceSeconds = 20;

/**
 * Deadlines of a Job. The pod's own comes first and keeps the pod with its log. The Job's would delete both, so it comes
 * later and serves a pod that never starts. The engine waits longest, so that it reports what Kubernetes decided.
 *
 * @param seconds that the pod may take
 * @returns parts of the Job's metadata, of its spec, of its pod's spec, and of the resource's options
 */
export const jobDeadline = (seconds: number) => ({
  annotations: replaceUnready,
  job: { activeDeadlineSeconds: seconds + graceSeconds },
  pod: {
    activeDeadlineSeconds: seconds,
    terminationGracePeriodSeconds: graceSeconds / 2,
    restartPolicy: "Never",
  },
  options: { customTimeouts: { create: `${seconds + graceSeconds + 30}s` } },
});
