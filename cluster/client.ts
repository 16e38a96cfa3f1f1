import type { KubeConfig } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";

/**
 * Connection of a provider, for the program's own requests to the API server. Only operations that have to ask load the
 * official client: see kubeconfig.ts for what that takes.
 *
 * @param provider of the resources in question @default the default provider
 */
export async function connectionOf(provider: pulumi.ProviderResource | undefined): Promise<KubeConfig> {
  // A provider keeps its arguments as outputs of the same names, though its type does not say so.
  const args = (provider ?? {}) as { context?: pulumi.Output<string>; kubeconfig?: pulumi.Output<string> };
  const settings = new pulumi.Config("kubernetes");
  const context = (await outputValue(pulumi.output(args.context))) ?? settings.get("context");
  const kubeconfig = (await outputValue(pulumi.output(args.kubeconfig))) ?? settings.get("kubeconfig");
  return connectionFrom(kubeconfig, context);
}

/**
 * Reads a kubeconfig.
 *
 * @param kubeconfig path or text @default `$KUBECONFIG`, else `~/.kube/config`
 * @param context @default the kubeconfig's current one
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

/** Value of an output. Never resolves if the value is unknown. */
export const outputValue = <T>(output: pulumi.Output<T>): Promise<pulumi.Unwrap<T>> =>
  new Promise((resolve) => {
    output.apply((value) => resolve(value as pulumi.Unwrap<T>));
  });
