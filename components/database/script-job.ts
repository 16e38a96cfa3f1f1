import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { jobDeadline } from "../pods/job-deadline.ts";
import { requestsAndLimits, restrictedContainer, restrictedPod } from "../pods/restricted.ts";
import {
  type DatabaseConnection,
  libpqVariables,
  postgresUser,
  scriptFolder,
  scriptMount,
  scriptVolume,
  smallResources,
} from "./client.ts";

/** Arguments of {@link scriptJob}. */
export interface ScriptJobArgs {
  readonly namespace: pulumi.Input<string>;
  /** Name of the service account. */
  readonly account: pulumi.Input<string>;
  /** Name of the ConfigMap with the scripts. */
  readonly scripts: pulumi.Input<string>;
  /** File name of the script to run. */
  readonly script: string;
  /** Database that the script connects to. */
  readonly connection: DatabaseConnection;
  /** Environment variables besides libpq's. @default none */
  readonly env?: k8s.types.input.core.v1.EnvVar[];
  /** Deadline in seconds. */
  readonly seconds: number;
}

/** Creates a Job that runs one script, as a client of the database. */
export function scriptJob(name: string, args: ScriptJobArgs, opts: pulumi.CustomResourceOptions): k8s.batch.v1.Job {
  const { connection, env = [] } = args;
  const deadline = jobDeadline(args.seconds);
  const container = {
    ...restrictedContainer,
    name: "psql",
    image: connection.image,
    command: [`${scriptFolder}/${args.script}`],
    env: [...libpqVariables(connection), { name: "PGCONNECT_TIMEOUT", value: "5" }, ...env],
    resources: requestsAndLimits(smallResources),
    volumeMounts: [scriptMount],
  };
  const spec = {
    ...restrictedPod(postgresUser),
    ...deadline.pod,
    serviceAccountName: args.account,
    containers: [container],
    volumes: [scriptVolume(args.scripts)],
  };
  const labels = { ...connection.clientLabels, "app.kubernetes.io/component": name };
  return new k8s.batch.v1.Job(
    name,
    {
      metadata: { namespace: args.namespace, annotations: deadline.annotations },
      spec: { backoffLimit: 3, ...deadline.job, template: { metadata: { labels }, spec } },
    },
    { ...opts, ...deadline.options },
  );
}
