import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { sameFieldManager } from "../../cluster/annotations.ts";
import { libpqVariables } from "../database/client.ts";
import { requestsAndLimits, restrictedContainer, restrictedPod } from "../pods/restricted.ts";
import type { WebAppArgs } from "../web.ts";
import { releaseFile } from "./release-facts.ts";

/** Objects that the application's pods refer to. */
export interface PodReferences {
  readonly account: k8s.core.v1.ServiceAccount;
  /** Secret environment variables. @default none */
  readonly secret?: k8s.core.v1.Secret;
  /** File with the facts about the release. */
  readonly facts: k8s.core.v1.ConfigMap;
}

/** Creates the objects that the application's pods refer to. */
export function podReferences(
  name: string,
  args: WebAppArgs,
  labels: Record<string, string>,
  opts: pulumi.CustomResourceOptions,
): PodReferences {
  const metadata = { namespace: args.namespace, labels };
  const account = new k8s.core.v1.ServiceAccount(name, { metadata, automountServiceAccountToken: false }, opts);
  const secret =
    Object.keys(args.secrets).length > 0
      ? new k8s.core.v1.Secret(`${name}-secrets`, { metadata, stringData: args.secrets }, opts)
      : undefined;
  const facts = new k8s.core.v1.ConfigMap(
    `${name}-release`,
    {
      metadata: { ...metadata, name: `${name}-release`, annotations: sameFieldManager },
      data: { "release.json": releaseFile(args.image, args.release) },
    },
    opts,
  );
  return { account, secret, facts };
}

/** Parts that the pods of the Deployment and of the migration share: identity, volumes, environment. */
export function podParts(args: WebAppArgs, { account, secret, facts }: PodReferences) {
  const pod = {
    ...restrictedPod(args.user),
    serviceAccountName: account.metadata.name,
    volumes: [
      { name: "tmp", emptyDir: { sizeLimit: "256Mi" } },
      { name: "release", configMap: { name: facts.metadata.name } },
    ],
  };
  const container = {
    ...restrictedContainer,
    image: args.image,
    env: environment(args),
    envFrom: secret && [{ secretRef: { name: secret.metadata.name } }],
    resources: requestsAndLimits(args.resources),
    volumeMounts: [
      { name: "tmp", mountPath: "/tmp" },
      { name: "release", mountPath: "/etc/slipway", readOnly: true },
    ],
  };
  return { pod, container };
}

const environment = ({ environment, image, database }: WebAppArgs): k8s.types.input.core.v1.EnvVar[] => [
  ...Object.entries(environment).map(([name, value]) => ({ name, value })),
  { name: "SLIPWAY_IMAGE", value: image },
  ...(database ? libpqVariables(database) : []),
];
