import type { KubernetesObject } from "../object.ts";
import { condition, count, explain, isBefore, isObserved, specOf, statusOf, type Verdict } from "./verdict.ts";

/**
 * A Deployment is ready when its newest ReplicaSet has all its pods available and the old pods are gone. It has failed when
 * its own progress deadline has passed since the wait began: Kubernetes keeps that condition of an earlier rollout until there is progress.
 *
 * @param since when the wait began, in milliseconds since 1970; default: any failure counts
 */
export function judgeDeployment(deployment: KubernetesObject, since = 0): Verdict {
  const status = statusOf(deployment);
  const wanted = count(specOf(deployment), "replicas", 1);
  const updated = count(status, "updatedReplicas");
  // The status counts old and new pods together; while old ones are left, they are taken to be the available ones.
  const left = Math.max(0, count(status, "replicas") - updated);
  const isSeen = isObserved(deployment);
  const available = isSeen ? Math.max(0, count(status, "availableReplicas") - left) : 0;
  const progress = `Waiting for app ReplicaSet to be available (${available}/${wanted} Pods available)`;
  if (!isSeen) {
    return {
      state: "waiting",
      progress,
      causes: ["The Deployment controller has not seen the change yet"],
      unobserved: true,
    };
  }
  const [availability, progressing] = [condition(deployment, "Available"), condition(deployment, "Progressing")];
  const failed = [progressing, availability].filter((each) => each?.status === "False");
  const causes = failed.map((each) => explain(each ?? {}));
  if (availability?.status !== "True") causes.push("Minimum number of live Pods was not attained");
  const isLate = progressing?.status === "False" && progressing.reason === "ProgressDeadlineExceeded";
  if (isLate && !isBefore(progressing, since)) return { state: "failed", causes };
  const isRolledOut = updated >= wanted && count(status, "replicas") <= updated && available >= wanted;
  if (isRolledOut && availability?.status === "True") {
    return { state: "ready", message: "Deployment initialization complete" };
  }
  if (!isRolledOut) causes.push(`${available} of ${wanted} Pods of the new ReplicaSet are available`);
  return { state: "waiting", progress, causes };
}

/** A StatefulSet is ready when all its pods are ready and of its newest revision. */
export function judgeStatefulSet(set: KubernetesObject): Verdict {
  const status = statusOf(set);
  const wanted = count(specOf(set), "replicas", 1);
  const { currentRevision, updateRevision } = status;
  const updated = currentRevision === updateRevision ? wanted : count(status, "updatedReplicas");
  const isSeen = isObserved(set);
  const ready = isSeen ? Math.min(count(status, "readyReplicas"), updated) : 0;
  const step = (set.metadata.generation ?? 1) <= 1 ? "to create Pods" : "update to roll out";
  const progress = `Waiting for StatefulSet ${step} (${ready}/${wanted} Pods ready)`;
  if (!isSeen) {
    return {
      state: "waiting",
      progress,
      causes: ["The StatefulSet controller has not seen the change yet"],
      unobserved: true,
    };
  }
  const onDelete = (specOf(set).updateStrategy as { type?: string } | undefined)?.type === "OnDelete";
  const areReady = count(status, "replicas") === wanted && count(status, "readyReplicas") === wanted;
  const isCurrent =
    onDelete || (currentRevision === updateRevision && count(status, "currentReplicas", wanted) === wanted);
  if (areReady && isCurrent) return { state: "ready", message: "StatefulSet initialization complete" };
  const causes = areReady ? [] : [`${ready} out of ${wanted} replicas succeeded readiness checks`];
  if (!isCurrent && currentRevision !== updateRevision) {
    causes.push(`StatefulSet controller failed to advance from revision "${currentRevision}" to "${updateRevision}"`);
  }
  return { state: "waiting", progress, causes };
}

/** A DaemonSet is ready when every node that should has an available pod of the newest version. */
export function judgeDaemonSet(set: KubernetesObject): Verdict {
  const status = statusOf(set);
  const wanted = count(status, "desiredNumberScheduled");
  const ready = Math.min(count(status, "numberAvailable"), count(status, "updatedNumberScheduled"));
  if (isObserved(set) && ready >= wanted) return { state: "ready", message: "DaemonSet initialization complete" };
  const causes = [`${ready} out of ${wanted} nodes run an available Pod of the newest version`];
  return {
    state: "waiting",
    progress: `Waiting for DaemonSet to roll out (${ready}/${wanted} Pods available)`,
    causes,
  };
}

/** A Job is ready when it is complete. It has failed when the controller has given up on it. */
export function judgeJob(job: KubernetesObject): Verdict {
  const failed = condition(job, "Failed");
  if (failed?.status === "True") return { state: "failed", causes: [explain(failed)] };
  if (condition(job, "Complete")?.status === "True") return { state: "ready", message: "Job completed" };
  const status = statusOf(job);
  const [active, succeeded] = [count(status, "active"), count(status, "succeeded")];
  const wanted = count(specOf(job), "completions", 1);
  return {
    state: "waiting",
    progress: `Waiting for Job to complete (${succeeded}/${wanted} Pods succeeded)`,
    causes: [`Job has not completed: ${succeeded} of ${wanted} Pods succeeded, ${active} active`],
  };
}

/** A Pod is ready when its condition says so, or when it has run to its end. One that failed will not start again. */
export function judgePod(pod: KubernetesObject): Verdict {
  const { phase, reason, message } = statusOf(pod) as { phase?: string; reason?: string; message?: string };
  if (phase === "Succeeded" || condition(pod, "Ready")?.status === "True") {
    return { state: "ready", message: "Pod initialization complete" };
  }
  if (phase === "Failed") return { state: "failed", causes: [explain({ reason: reason ?? "Failed", message })] };
  return { state: "waiting", progress: `Waiting for Pod to be ready (${phase ?? "Pending"})`, causes: [] };
}
