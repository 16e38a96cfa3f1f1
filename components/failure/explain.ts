import { KubeConfig } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import { gather, type WorkloadName } from "./evidence.ts";
import { redactor } from "./secrets.ts";
import { describeFailure, logLines } from "./text.ts";

/**
 * Why a workload failed, for people: the likely cause and what to do, then what the cluster shows. Values of secrets are hidden.
 *
 * @param provider the component's, which says how the cluster is reached
 * @throws Error where the cluster cannot be read
 */
export async function explain(
  kind: WorkloadName["kind"],
  failed: pulumi.ErrorHookArgs,
  provider: pulumi.ProviderResource | undefined,
): Promise<string> {
  const { metadata } = await known(pulumi.output(failed.newInputs ?? {}));
  const workload = { kind, namespace: metadata?.namespace ?? "default", name: metadata?.name ?? failed.name };
  const evidence = await gather(await connection(provider), workload, logLines);
  return describeFailure(evidence, redactor([...evidence.secrets, ...secretSettings()]));
}

/** What the provider was made with; it keeps its arguments as outputs of the same names, though its type does not say so. */
async function connection(provider: pulumi.ProviderResource | undefined): Promise<KubeConfig> {
  const made = (provider ?? {}) as { context?: pulumi.Output<string>; kubeconfig?: pulumi.Output<string> };
  const settings = new pulumi.Config("kubernetes");
  const context = (await known(pulumi.output(made.context))) ?? settings.get("context");
  const kubeconfig = (await known(pulumi.output(made.kubeconfig))) ?? settings.get("kubeconfig");
  const config = new KubeConfig();
  if (kubeconfig === undefined) config.loadFromDefault();
  else if (/^\s*(\{|[A-Za-z]+:\s)/.test(kubeconfig)) config.loadFromString(kubeconfig);
  else config.loadFromFile(kubeconfig);
  if (context !== undefined) config.setCurrentContext(context);
  return config;
}

/** Every text in the settings of this stack that are stored encrypted. */
function secretSettings(): string[] {
  const config = pulumi.runtime.allConfig();
  const keys: string[] = JSON.parse(process.env.PULUMI_CONFIG_SECRET_KEYS ?? "[]");
  return keys.flatMap((key) => [config[key] ?? "", ...texts(parsed(config[key]))]);
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return text;
  }
}

function texts(value: unknown): string[] {
  if (typeof value === "object" && value !== null) return Object.values(value).flatMap(texts);
  return value === undefined || value === null ? [] : [String(value)];
}

const known = <T>(output: pulumi.Output<T>): Promise<pulumi.Unwrap<T>> =>
  new Promise((resolve) => {
    output.apply((value) => resolve(value as pulumi.Unwrap<T>));
  });
