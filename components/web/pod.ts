import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { sameFieldManager } from "../../cluster/annotations.ts";
import { inOrderOfReferences } from "../../settings/variable-references.ts";
import { clientVariables, clientVolumes } from "../database/client.ts";
import { secretVariables, serviceAccount } from "../pods/identity.ts";
import { requestsAndLimits, restrictedContainer, restrictedPod } from "../pods/restricted.ts";
import { type Claims, volumeParts } from "../pods/volumes.ts";
import type { WebAppArgs } from "../web.ts";
import { releaseFile } from "./release-facts.ts";

/** Objects that the application's pods refer to. */
export interface PodReferences {
  readonly account: k8s.core.v1.ServiceAccount;
  /** Secret environment variables. @default none */
  readonly secret?: k8s.core.v1.Secret;
  /** Names of the secret variables. */
  readonly secretNames: readonly string[];
  /** File with the facts about the release. */
  readonly facts: k8s.core.v1.ConfigMap;
}

/** Arguments that decide what is in a pod of the application. */
export type PodArgs = Pick<WebAppArgs, "image" | "environment" | "database" | "resources" | "user"> &
  Partial<Pick<WebAppArgs, "port" | "pullSecret" | "volumes">> & {
    /** Claims of the volumes that outlive the pod. @default none; those volumes are left out */
    readonly claims?: Claims;
  };

/** Creates the objects that the application's pods refer to. */
export function podReferences(
  name: string,
  args: WebAppArgs,
  labels: Record<string, string>,
  opts: pulumi.CustomResourceOptions,
): PodReferences {
  const metadata = { namespace: args.namespace, labels };
  const account = serviceAccount(name, args, labels, opts);
  const secret = secretVariables(name, args, labels, opts);
  const facts = new k8s.core.v1.ConfigMap(
    `${name}-release`,
    {
      metadata: { ...metadata, name: `${name}-release`, annotations: sameFieldManager },
      data: { "release.json": releaseFile(args.image, args.release) },
    },
    opts,
  );
  return { account, secret, secretNames: Object.keys(args.secrets), facts };
}

/** Parts that all pods of the application share, of web, migration, processes and schedules: identity, volumes, environment. */
export function podParts(args: PodArgs, { account, secret, facts }: PodReferences) {
  const mounted = volumeParts(args.volumes, args.claims);
  const ofDatabase = clientVolumes(args.database);
  const pod = {
    ...restrictedPod(args.user, args.port),
    serviceAccountName: account.metadata.name,
    // Not in the service account: pods that could not pull without it would stay as they are.
    imagePullSecrets: args.pullSecret === undefined ? undefined : [{ name: args.pullSecret }],
    volumes: [
      { name: "tmp", emptyDir: { sizeLimit: "256Mi" } },
      { name: "release", configMap: { name: facts.metadata.name } },
      ...mounted.volumes,
      ...ofDatabase.volumes,
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
      ...mounted.volumeMounts,
      ...ofDatabase.mounts,
    ],
  };
  return { pod, container };
}

const environment = ({ environment, image, database }: PodArgs): k8s.types.input.core.v1.EnvVar[] => [
  // Kubernetes expands references to earlier variables only.
  ...(database ? clientVariables(database) : []),
  { name: "SLIPWAY_IMAGE", value: image },
  ...inOrderOfReferences(environment).map(([name, value]) => ({ name, value })),
];
