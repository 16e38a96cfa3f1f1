import type * as k8s from "@pulumi/kubernetes";
import { libpqVariables } from "../database/client.ts";
import { requestsAndLimits, restrictedContainer, restrictedPod } from "../pods/restricted.ts";
import type { WebAppArgs } from "../web.ts";

/** What the application's pods refer to. */
export interface PodNeeds {
  readonly account: k8s.core.v1.ServiceAccount;
  /** Its secret environment variables. Default: it has none. */
  readonly secret?: k8s.core.v1.Secret;
  /** What is known of the release. */
  readonly facts: k8s.core.v1.ConfigMap;
}

/** What every pod of the application has, the migration's too: who it is, what it may write to, what it is told. */
export function podOf(args: WebAppArgs, { account, secret, facts }: PodNeeds) {
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

/** What the application is told: its settings, its own image, and where its database is, in libpq's variables. */
const environment = ({ environment, image, database }: WebAppArgs): k8s.types.input.core.v1.EnvVar[] => [
  ...Object.entries(environment).map(([name, value]) => ({ name, value })),
  { name: "SLIPWAY_IMAGE", value: image },
  ...(database ? libpqVariables(database) : []),
];

/** What makes a container one that serves: its command and port, how it is asked whether it is well, and that it goes on for a while. */
export const serving = ({ command, port, probes }: WebAppArgs, drainSeconds: number) => ({
  command,
  ports: [{ name: "http", containerPort: port }],
  startupProbe: { ...httpGet(probes.live), periodSeconds: 1, failureThreshold: probes.startSeconds },
  readinessProbe: { ...httpGet(probes.ready), periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 2 },
  livenessProbe: { ...httpGet(probes.live), periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
  // Load balancers learn of a stopping pod at their own pace; it goes on serving until they have.
  lifecycle: { preStop: { sleep: { seconds: drainSeconds } } },
});

const httpGet = (path: string) => ({ httpGet: { path, port: "http" } });
