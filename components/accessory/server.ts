import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { sameFieldManager, skipAwait } from "../../cluster/annotations.ts";
import { inOrderOfReferences } from "../../settings/variable-references.ts";
import type { AccessoryArgs } from "../accessory.ts";
import { containerAsWritten } from "../pods/as-written.ts";
import { requestsAndLimits, restrictedContainer, restrictedPod } from "../pods/restricted.ts";
import { type Claims, volumeParts } from "../pods/volumes.ts";

/** Names of the objects that the pod refers to. */
interface References {
  readonly account: pulumi.Output<string>;
  /** @default no secret variables */
  readonly secret?: pulumi.Output<string>;
  readonly claims: Claims;
}

type ServerArgs = AccessoryArgs & { readonly stopsWithin: number };

/** Creates the StatefulSet of one pod. No pod starts before the last one has stopped: the volumes have one writer. */
export const accessoryServer = (
  name: string,
  args: ServerArgs,
  labels: Record<string, string>,
  references: References,
  opts: pulumi.CustomResourceOptions,
): k8s.apps.v1.StatefulSet =>
  new k8s.apps.v1.StatefulSet(
    name,
    {
      metadata: { name, namespace: args.namespace, labels, annotations: { ...sameFieldManager, ...skipAwait } },
      spec: {
        replicas: 1,
        // With the default, a corrected pod never replaces one that is not ready: https://github.com/kubernetes/kubernetes/issues/67250
        podManagementPolicy: "Parallel",
        serviceName: name,
        revisionHistoryLimit: 3,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: podSpec(name, args, references) },
      },
    },
    opts,
  );

function podSpec(
  name: string,
  { image, command, port, environment = {}, secrets = {}, volumes, probe, user, resources, stopsWithin }: ServerArgs,
  { account, secret, claims }: References,
): k8s.types.input.core.v1.PodSpec {
  const mounted = volumeParts(volumes, claims);
  const serves = check(probe);
  const container = {
    ...restrictedContainer,
    name,
    image,
    command,
    ports: [{ name: "accessory", containerPort: port }],
    env: inOrderOfReferences(environment).map(([name, value]) => ({ name, value })),
    envFrom: secret && [{ secretRef: { name: secret } }],
    resources: requestsAndLimits(resources),
    startupProbe: { ...serves, periodSeconds: 1, failureThreshold: probe.startSeconds },
    readinessProbe: { ...serves, periodSeconds: 5 },
    livenessProbe: { ...serves, periodSeconds: 10, failureThreshold: 6 },
    volumeMounts: [{ name: "tmp", mountPath: "/tmp" }, ...mounted.volumeMounts],
  };
  return {
    ...restrictedPod(user, port),
    serviceAccountName: account,
    terminationGracePeriodSeconds: stopsWithin,
    containers: [containerAsWritten(container, Object.keys(secrets))],
    volumes: [{ name: "tmp", emptyDir: { sizeLimit: "64Mi" } }, ...mounted.volumes],
  };
}

/** Handler of the probes. */
function check({ path, command }: AccessoryArgs["probe"]) {
  const port = "accessory";
  if (command) return { exec: { command }, timeoutSeconds: 5 };
  return { ...(path ? { httpGet: { path, port } } : { tcpSocket: { port } }), timeoutSeconds: 5 };
}
