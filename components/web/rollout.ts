import { setTimeout as sleep } from "node:timers/promises";
import type { V1Deployment, V1StatefulSet } from "@kubernetes/client-node";
import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { connectionOf } from "../../cluster/client.ts";
import { oneLine, reportFailure } from "../../diagnosis/failure-report.ts";
import { UserError } from "../../settings/user-error.ts";

/** Progress of a rollout, as the API server reports it. */
export interface Progress {
  /** All pods are of the present revision, and available. */
  readonly done: boolean;
  /** Pods of the present revision, and available pods. Any increase is progress. */
  readonly counts: readonly [updated: number, available: number];
  /** Missing step, in words. */
  readonly waitsFor: string;
}

/** What both kinds of workloads have in their spec. */
interface Spec {
  readonly template: k8s.types.output.core.v1.PodTemplateSpec;
}

const kindOf = ({ kind }: k8s.apps.v1.Deployment | k8s.apps.v1.StatefulSet) =>
  kind as pulumi.Output<"Deployment" | "StatefulSet">;

/** Milliseconds between two requests to the API server. */
const interval = 200;

/**
 * Waits until a workload's pods all run the present revision and are available, in every `up`, even if the workload is
 * unchanged. It asks the API server: the plugin keeps waiting for a failed rollout, and was seen to report one as complete.
 * A resource that needs the new version to serve has to depend on this output.
 *
 * @param workload Deployment or StatefulSet, which has to carry the annotation `skipAwait`
 * @param component that the Deployment is part of, for its provider
 * @param deadlineSeconds without progress, after which the rollout has failed
 * @returns the workload's name; in a preview at once
 * @throws UserError after `deadlineSeconds` without progress; the cause is logged beside the workload
 */
export function waitForRollout(
  workload: k8s.apps.v1.Deployment | k8s.apps.v1.StatefulSet,
  component: pulumi.ComponentResource,
  { deadlineSeconds }: { readonly deadlineSeconds: number },
): pulumi.Output<string> {
  if (pulumi.runtime.isDryRun()) return workload.metadata.name;
  // Only outputs of the workload: a saved plan holds an update to the dependencies that its preview had.
  return pulumi
    .all([kindOf(workload), workload.metadata, workload.spec as pulumi.Output<Spec>])
    .apply(async ([kind, { name, namespace }, { template }]) => {
      const image = template.spec?.containers[0]?.image ?? "";
      const provider = component.getProvider("kubernetes:apps/v1:Deployment");
      const config = await connectionOf(provider);
      const { AppsV1Api } = await import("@kubernetes/client-node");
      const log = (text: string) => pulumi.log.info(text, workload, undefined, true);
      const api = config.makeApiClient(AppsV1Api);
      const read = (): Promise<V1Deployment | V1StatefulSet> =>
        kind === "Deployment"
          ? api.readNamespacedDeployment({ namespace, name })
          : api.readNamespacedStatefulSet({ namespace, name });
      const missing = await watchRollout(read, { image, deadlineSeconds, log });
      if (missing === undefined) return name;
      await reportFailure({ kind, namespace, name }, workload.urn, provider);
      throw new UserError(
        `${name} was not rolled out: ${missing}, and nothing moved for ${deadlineSeconds} s. The likely cause is named beside the ${kind}.`,
      );
    });
}

/** Watches a rollout. @returns undefined once it is complete; the missing step after `deadlineSeconds` without progress */
export async function watchRollout(
  read: () => Promise<V1Deployment | V1StatefulSet>,
  { image, deadlineSeconds, log }: { image: string; deadlineSeconds: number; log: (text: string) => void },
): Promise<string | undefined> {
  let best: readonly [number, number] = [-1, -1];
  let since = performance.now();
  let logged = "";
  for (;;) {
    const { done, counts, waitsFor } = await read().then(
      (workload) => progressOf(workload, image),
      // A server may be out of reach for a moment, though not for longer than the deadline.
      (error: Error): Progress => ({
        done: false,
        counts: [-1, -1],
        waitsFor: `the API server says ${oneLine(error)}`,
      }),
    );
    if (done) return undefined;
    if (waitsFor !== logged) log(waitsFor);
    logged = waitsFor;
    if (counts.some((count, index) => count > (best[index] ?? 0))) {
      best = [Math.max(best[0], counts[0]), Math.max(best[1], counts[1])];
      since = performance.now();
    }
    if (performance.now() - since > deadlineSeconds * 1000) return waitsFor;
    await sleep(interval);
  }
}

/**
 * Reads the progress of a rollout: the checks of `kubectl rollout status`, and the image.
 * https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status
 */
export function progressOf({ metadata, spec, status }: V1Deployment | V1StatefulSet, image: string): Progress {
  const wanted = spec?.replicas ?? 1;
  const { updatedReplicas: updated = 0, availableReplicas: available = 0, replicas = 0 } = status ?? {};
  const progress = (waitsFor: string, counts: Progress["counts"] = [updated, available]): Progress => ({
    done: false,
    counts,
    waitsFor,
  });
  // Until the controller has observed the present revision, every number is of the one before.
  if ((status?.observedGeneration ?? 0) < (metadata?.generation ?? 0))
    return progress("the new version is still to be seen by its controller", [-1, -1]);
  if (!spec?.template.spec?.containers.some((container) => container.image === image))
    return progress(`its pods are to run ${image}, but somebody else has changed that meanwhile`, [-1, -1]);
  if (updated < wanted) return progress(`${updated} of ${wanted} new pods exist`);
  if (replicas > updated) return progress(`${replicas - updated} pods of the version before are still to stop`);
  if (available < updated) return progress(`${available} of ${updated} new pods are available`);
  return { ...progress(""), done: true };
}
