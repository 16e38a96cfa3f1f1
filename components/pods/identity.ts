import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/** Creates the service account of pods, which no token is mounted for. */
export const serviceAccount = (
  name: string,
  { namespace }: { readonly namespace: pulumi.Input<string> },
  labels: Record<string, string>,
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.ServiceAccount =>
  new k8s.core.v1.ServiceAccount(name, { metadata: { namespace, labels }, automountServiceAccountToken: false }, opts);

/** Creates the Secret of pods' secret variables, if there are any. */
export const secretVariables = (
  name: string,
  { namespace, secrets }: { readonly namespace: pulumi.Input<string>; readonly secrets: pulumi.Inputs },
  labels: Record<string, string>,
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.Secret | undefined =>
  Object.keys(secrets).length > 0
    ? new k8s.core.v1.Secret(`${name}-secrets`, { metadata: { namespace, labels }, stringData: secrets }, opts)
    : undefined;
