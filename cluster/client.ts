import type { KubeConfig } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";

/**
 * How a provider reaches its cluster, for the program's own questions to the API server. The official client takes a quarter of a
 * second to load: only operations that have to ask load it, no preview without changes does.
 *
 * @param provider of the resources that are asked about; undefined for the default provider
 */
export async function connectionOf(provider: pulumi.ProviderResource | undefined): Promise<KubeConfig> {
  // A provider keeps its arguments as outputs of the same names, though its type does not say so.
  const made = (provider ?? {}) as { context?: pulumi.Output<string>; kubeconfig?: pulumi.Output<string> };
  const settings = new pulumi.Config("kubernetes");
  const context = (await outputValue(pulumi.output(made.context))) ?? settings.get("context");
  const kubeconfig = (await outputValue(pulumi.output(made.kubeconfig))) ?? settings.get("kubeconfig");
  return connectionFrom(kubeconfig, context);
}

/**
 * Reads a kubeconfig.
 *
 * @param kubeconfig its path or its text; default: `$KUBECONFIG`, else `~/.kube/config`
 * @param context default: the kubeconfig's current one
 */
export async function connectionFrom(kubeconfig?: string, context?: string): Promise<KubeConfig> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  if (kubeconfig === undefined) config.loadFromDefault();
  else if (/^\s*(\{|[A-Za-z]+:\s)/.test(kubeconfig)) config.loadFromString(kubeconfig);
  else config.loadFromFile(kubeconfig);
  if (context !== undefined) config.setCurrentContext(context);
  return config;
}

/** The value of an output that is known. */
export const outputValue = <T>(output: pulumi.Output<T>): Promise<pulumi.Unwrap<T>> =>
  new Promise((resolve) => {
    output.apply((value) => resolve(value as pulumi.Unwrap<T>));
  });
