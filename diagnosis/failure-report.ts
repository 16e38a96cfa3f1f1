import * as pulumi from "@pulumi/pulumi";
import { outputValue } from "../cluster/client.ts";
import type { WorkloadName } from "./evidence.ts";

/** Seconds that reading the cluster may take: whoever waits has waited for the rollout already. */
const patience = 20;

const kinds: Record<string, WorkloadName["kind"]> = {
  "kubernetes:apps/v1:Deployment": "Deployment",
  "kubernetes:apps/v1:StatefulSet": "StatefulSet",
  "kubernetes:batch/v1:Job": "Job",
};

/**
 * The resource option `hooks` for a component's workloads. Where one fails, `pulumi up` itself says why: the likely cause and
 * what to do, then the pods, their last events and the last lines of what failed. It reads them from the cluster of the
 * component's own provider, and hides the values of the pods' Secrets and of the stack's secret settings. Nothing is
 * tried again, and a report that cannot be made says why and changes nothing.
 *
 * @param component what the workloads are part of
 * @param name the component's name; hooks have names of their own, so one call serves all its workloads
 */
export function failureReport(component: pulumi.ComponentResource, name: string): pulumi.ResourceHookBinding {
  if (!knowsErrorHooks()) return {};
  const provider = component.getProvider("kubernetes:apps/v1:Deployment");
  const report = async (failed: pulumi.ErrorHookArgs): Promise<boolean> => {
    const kind = kinds[failed.type];
    // As in `jobs.batch "NAME" not found`: of another kind, it is something that this one needs.
    const own = new RegExp(`\\b${kind?.toLowerCase()}s\\.\\S+ "([^"]+)" not found`);
    const gone = failed.errors.map((text) => own.exec(text)?.[1]).find(Boolean);
    if (kind && gone) {
      await pulumi.log.error(deleted(kind, gone), { urn: pulumi.output(failed.urn) } as pulumi.Resource);
      return false;
    }
    // In a preview there are no pods yet; what the API server refused there, its own message says.
    if (!kind || failed.failedOperation === "delete" || pulumi.runtime.isDryRun()) return false;
    const { metadata } = (await outputValue(pulumi.output(failed.newInputs ?? {}))) as Inputs;
    const workload = { kind, namespace: metadata?.namespace ?? "default", name: metadata?.name ?? failed.name };
    await reportFailure(workload, pulumi.output(failed.urn), provider, failed.errors);
    return false;
  };
  return { onError: [new pulumi.ErrorHook(`failure-report-${name}`, report)] };
}

/** Of what is gone there is nothing to read. */
const deleted = (kind: string, name: string): string =>
  `${kind} ${name}, likely cause: it does not exist any more; somebody has deleted it\n` +
  `  What to do: pulumi up --refresh --stack ${pulumi.getStack()}, which makes it again.`;

interface Inputs {
  readonly metadata?: { readonly namespace?: string; readonly name?: string };
}

/**
 * Logs why a workload failed, beside the provider's own message. Never fails: a report that can't be made says so.
 *
 * @param errors the provider's, newest first. Default: it had none
 */
export async function reportFailure(
  workload: WorkloadName,
  urn: pulumi.Output<string>,
  provider: pulumi.ProviderResource | undefined,
  errors: readonly string[] = [],
): Promise<void> {
  // Loaded here, and not by every preview.
  const explained = import("./explain.ts").then(({ explain }) => explain(workload, provider, errors));
  const text = await within(patience, explained).catch(
    (error: Error) =>
      `why ${workload.kind} ${workload.name} failed cannot be read from the cluster: ${oneLine((error.cause as Error) ?? error)}`,
  );
  // Of a resource, the log takes no more than the URN.
  await pulumi.log.error(text, { urn } as pulumi.Resource);
}

/** The SDK's mocks say that they know hooks, but lack the call that announces one: a test of the component would never end. */
const knowsErrorHooks = (): boolean => "registerErrorHook" in (pulumi.runtime.getMonitor() ?? {});

/** An error's message, without the lines that say more. */
export const oneLine = ({ message }: Error): string => message.split("\n")[0] ?? "";

function within<T>(seconds: number, work: Promise<T>): Promise<T> {
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error(`no answer within ${seconds} seconds`)), seconds * 1000).unref();
  });
  return Promise.race([work, late]);
}
