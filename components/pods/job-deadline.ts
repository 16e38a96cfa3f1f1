import { replaceUnready } from "../../cluster/annotations.ts";

/** Seconds that a stopped pod has to end, and a Job then leaves it alone. */
const lastWordsSeconds = 20;

/**
 * How long a Job's pod may take. The pod's own deadline ends it and keeps its log; the Job's would delete the pod with
 * its log, comes later, and is for a pod that never starts. The engine waits longest, so that Kubernetes' verdict
 * arrives first. A failed Job is made again by the next `up`.
 *
 * @returns parts of the Job's metadata, of its spec, of its pod's spec, and of the resource's options
 */
export const jobDeadline = (seconds: number) => ({
  annotations: replaceUnready,
  job: { activeDeadlineSeconds: seconds + lastWordsSeconds },
  pod: {
    activeDeadlineSeconds: seconds,
    terminationGracePeriodSeconds: lastWordsSeconds / 2,
    restartPolicy: "Never",
  },
  options: { customTimeouts: { create: `${seconds + lastWordsSeconds + 30}s` } },
});
