import { setTimeout as sleep } from "node:timers/promises";
import type { AppsV1Api, V1Deployment } from "@kubernetes/client-node";
import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { connectionOf } from "../../cluster/client.ts";
import { oneLine, reportFailure } from "../../diagnosis/failure-report.ts";
import { UserError } from "../../settings/user-error.ts";

/** How far a Deployment has come, by the API server's word. */
export interface Progress {
  /** Whether all its pods are of the present revision, and available. */
  readonly done: boolean;
  /** Pods of the present revision that there are, and pods that are available. Any increase is progress. */
  readonly counts: readonly [updated: number, available: number];
  /** What it waits for, in words. */
  readonly waitsFor: string;
}

/** Milliseconds between two questions to the API server. */
const interval = 200;

/**
 * Resolves once a Deployment's pods all run the present revision and are available. The API server is asked itself, in every `up`, also when
 * the Deployment stays as it is: the plugin is told not to wait, since it waits on when a rollout has failed, and has been seen to
 * take a failed one for complete. What must only happen once the new version serves has to depend on this output.
 *
 * @param deployment has to carry the annotation `skipAwait`
 * @param part what it is part of, which says how the cluster is reached
 * @param deadlineSeconds without progress, after which it has failed
 * @returns the Deployment's name; in a preview at once
 * @throws UserError after `deadlineSeconds` without progress; why is reported beside the Deployment
 */
export function rolledOut(
  deployment: k8s.apps.v1.Deployment,
  part: pulumi.ComponentResource,
  { deadlineSeconds }: { readonly deadlineSeconds: number },
): pulumi.Output<string> {
  if (pulumi.runtime.isDryRun()) return deployment.metadata.name;
  // All of it the Deployment's own: a saved plan holds an update to the dependencies that the preview had.
  return pulumi.all([deployment.metadata, deployment.spec]).apply(async ([{ name, namespace }, { template }]) => {
    const image = template.spec?.containers[0]?.image ?? "";
    const provider = part.getProvider("kubernetes:apps/v1:Deployment");
    const config = await connectionOf(provider);
    const { AppsV1Api } = await import("@kubernetes/client-node");
    const tell = (text: string) => pulumi.log.info(text, deployment, undefined, true);
    const workload = { kind: "Deployment", namespace, name } as const;
    const left = await watchRollout(config.makeApiClient(AppsV1Api), workload, { image, deadlineSeconds, tell });
    if (left === undefined) return name;
    await reportFailure(workload, deployment.urn, provider);
    throw new UserError(
      `${name} was not rolled out: ${left}, and nothing moved for ${deadlineSeconds} s. The likely cause is named beside the Deployment.`,
    );
  });
}

/** @returns undefined once it is rolled out; what it was still waiting for when it made no progress for too long */
export async function watchRollout(
  api: Pick<AppsV1Api, "readNamespacedDeployment">,
  { namespace, name }: { namespace: string; name: string },
  { image, deadlineSeconds, tell }: { image: string; deadlineSeconds: number; tell: (text: string) => void },
): Promise<string | undefined> {
  let best: readonly [number, number] = [-1, -1];
  let since = performance.now();
  let told = "";
  for (;;) {
    const { done, counts, waitsFor } = await api.readNamespacedDeployment({ namespace, name }).then(
      (deployment) => progressOf(deployment, image),
      // A server that is out of reach for a moment is no failed rollout; it may not be for longer than the rollout.
      (error: Error): Progress => ({
        done: false,
        counts: [-1, -1],
        waitsFor: `the API server says ${oneLine(error)}`,
      }),
    );
    if (done) return undefined;
    if (waitsFor !== told) tell(waitsFor);
    told = waitsFor;
    if (counts.some((count, index) => count > (best[index] ?? 0))) {
      best = [Math.max(best[0], counts[0]), Math.max(best[1], counts[1])];
      since = performance.now();
    }
    if (performance.now() - since > deadlineSeconds * 1000) return waitsFor;
    await sleep(interval);
  }
}

/**
 * How far a Deployment has come: the questions of `kubectl rollout status`, and whether it still asks for our image.
 * https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status
 */
export function progressOf({ metadata, spec, status = {} }: V1Deployment, image: string): Progress {
  const wanted = spec?.replicas ?? 1;
  const { updatedReplicas: updated = 0, availableReplicas: available = 0, replicas = 0 } = status;
  const state = (waitsFor: string, done = false, counts: Progress["counts"] = [updated, available]) => ({
    done,
    counts,
    waitsFor,
  });
  // Until the controller has seen the present revision, every number is of the one before.
  if ((status.observedGeneration ?? 0) < (metadata?.generation ?? 0))
    return state("the new version is still to be seen by its controller", false, [-1, -1]);
  if (!spec?.template.spec?.containers.some((container) => container.image === image))
    return state(`its pods are to run ${image}, but somebody else has changed that meanwhile`, false, [-1, -1]);
  if (updated < wanted) return state(`${updated} of ${wanted} new pods exist`);
  if (replicas > updated) return state(`${replicas - updated} pods of the version before are still to stop`);
  if (available < updated) return state(`${available} of ${updated} new pods are available`);
  return state("", true);
}
