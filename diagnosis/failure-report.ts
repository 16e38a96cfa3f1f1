import { setTimeout as sleep } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { outputValue } from "../cluster/client.ts";
import type { WorkloadName } from "./evidence.ts";

/** Seconds for reading the cluster; short, because the user has waited for the rollout already. */
const timeoutSeconds = 20;

const kinds: Record<string, WorkloadName["kind"]> = {
  "kubernetes:apps/v1:Deployment": "Deployment",
  "kubernetes:apps/v1:StatefulSet": "StatefulSet",
  "kubernetes:batch/v1:Job": "Job",
};

/**
 * Resource option `hooks` for a component's workloads. If one fails, `pulumi up` itself prints why: the likely cause and its
 * remedy, then the pods, their last events and the last log lines. Reads them through the component's own provider. Hides
 * the values of the pods' Secrets and of the stack's secret settings. Never retries; a failing report is logged and ignored.
 *
 * @param component parent of the workloads
 * @param name the component's name; the hook is named after it, so call this once a component
 */
export function failureReport(component: pulumi.ComponentResource, name: string): pulumi.ResourceHookBinding {
  if (!supportsErrorHooks()) return {};
  const provider = component.getProvider("kubernetes:apps/v1:Deployment");
  const report = async (failed: pulumi.ErrorHookArgs): Promise<boolean> => {
    const kind = kinds[failed.type];
    // As in `jobs.batch "NAME" not found`. An object of another kind is one that this workload needs.
    const notFound = new RegExp(`\\b${kind?.toLowerCase()}s\\.\\S+ "([^"]+)" not found`);
    const missing = failed.errors.map((text) => notFound.exec(text)?.[1]).find(Boolean);
    if (kind && missing) {
      await pulumi.log.error(deleted(kind, missing), { urn: pulumi.output(failed.urn) } as pulumi.Resource);
      return false;
    }
    // A preview has no pods; the API server's own message says what it refused.
    if (!kind || failed.failedOperation === "delete" || pulumi.runtime.isDryRun()) return false;
    const { metadata } = (await outputValue(pulumi.output(failed.newInputs ?? {}))) as Inputs;
    const workload = { kind, namespace: metadata?.namespace ?? "default", name: metadata?.name ?? failed.name };
    await reportFailure(workload, pulumi.output(failed.urn), provider, failed.errors);
    return false;
  };
  return { onError: [new pulumi.ErrorHook(`failure-report-${name}`, report)] };
}

const deleted = (kind: string, name: string): string =>
  `${kind} ${name}, likely cause: it no longer exists; somebody has deleted it\n` +
  `  What to do: pulumi up --refresh --stack ${pulumi.getStack()}, which creates it again.`;

interface Inputs {
  readonly metadata?: { readonly namespace?: string; readonly name?: string };
}

/**
 * Logs why a workload failed, beside the provider's own message. Never fails: it logs why it cannot report.
 *
 * @param errors of the provider, newest first
 */
export async function reportFailure(
  workload: WorkloadName,
  urn: pulumi.Output<string>,
  provider: pulumi.ProviderResource | undefined,
  errors: readonly string[] = [],
): Promise<void> {
  // Loaded here, so that previews need not load it.
  const explained = import("./explain.ts").then(({ explain }) => explain(workload, provider, errors));
  const text = await within(timeoutSeconds, explained).catch(
    (error: Error) =>
      `why ${workload.kind} ${workload.name} failed cannot be read from the cluster: ${oneLine((error.cause as Error) ?? error)}`,
  );
  // The log only uses a resource's URN.
  await pulumi.log.error(text, { urn } as pulumi.Resource);
}

/** The SDK's mocks claim to support hooks, but lack the call that registers one: a component's test would never end. */
const supportsErrorHooks = (): boolean => "registerErrorHook" in (pulumi.runtime.getMonitor() ?? {});

/** First line of an error's message. */
export const oneLine = ({ message }: Error): string => message.split("\n")[0] ?? "";

function within<T>(seconds: number, work: Promise<T>): Promise<T> {
  const timeout = sleep(seconds * 1000, undefined, { ref: false }).then(() => {
    throw new Error(`no answer within ${seconds} seconds`);
  });
  return Promise.race([work, timeout]);
}
