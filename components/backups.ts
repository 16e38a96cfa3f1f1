import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { dataClaim } from "./database/claim.ts";
import {
  type DatabaseConnection,
  libpqVariables,
  postgresUser,
  scriptFiles,
  scriptFolder,
  scriptMount,
  scriptVolume,
} from "./database/client.ts";
import { jobDeadline } from "./pods/job-deadline.ts";
import { type Resources, requestsAndLimits, restrictedContainer, restrictedPod } from "./pods/restricted.ts";

/** Arguments of {@link Backups}. */
export interface BackupsArgs {
  /** Namespace of the database. */
  readonly namespace: pulumi.Input<string>;
  /** Image of the database: dump and check need the programs of its version. */
  readonly image: pulumi.Input<string>;
  /** Database to back up. */
  readonly database: DatabaseConnection;
  /** Cron expression, in UTC. */
  readonly schedule: string;
  /** Number of backups to keep. */
  readonly keep: number;
  /** Size of the volume, for all backups, one more, and one restored database; it can grow, never shrink. */
  readonly storage: pulumi.Input<string>;
  /** Storage class of the volume. @default the cluster's default class */
  readonly storageClass?: pulumi.Input<string>;
  /** Hours after which the newest backup counts as outdated. */
  readonly staleHours: number;
  /** Refuses to delete the volume. @default false */
  readonly protect?: boolean;
  /** Compute resources of a backup's container. @default 50m to 1 CPU, 256Mi */
  readonly resources?: Resources;
}

/** Labels of a backup's Jobs and pods. */
export const backupLabels = { "app.kubernetes.io/component": "backup" };

/** Annotation of the CronJob: hours after which its newest backup counts as outdated. */
export const staleAnnotation = "slipway/stale-hours";

/** Six hours. A backup that takes longer would soon meet the next. */
const deadline = jobDeadline(6 * 3600);

/**
 * Backups of a database on a claim of their own, made by a CronJob. A backup counts once it was restored into a temporary
 * server and compared with the dump (see database/scripts/backup.sh). Until then the earlier ones stay unchanged, even if
 * the volume is full. A failed backup is a failed Job.
 *
 * The claim outlives the setting that asked for it, and is deleted with its namespace.
 */
export class Backups extends pulumi.ComponentResource {
  /** Name of the claim with the backups. */
  readonly claim: pulumi.Output<string>;

  constructor(name: string, args: BackupsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:index:Backups", name, {}, opts);
    const { namespace, protect = false } = args;
    const child = { parent: this };
    const labels = { "app.kubernetes.io/name": name, ...backupLabels };

    const retained = { parent: this, protect, retainOnDelete: true };
    const { metadata: claim } = dataClaim(`${name}-data`, name, args, labels, retained);
    const { metadata: account } = new k8s.core.v1.ServiceAccount(
      `${name}-account`,
      { metadata: { namespace, labels }, automountServiceAccountToken: false },
      child,
    );
    const { metadata: scripts } = new k8s.core.v1.ConfigMap(
      `${name}-scripts`,
      {
        metadata: { namespace, labels },
        data: scriptFiles("backup.sh", "backup.sql", "tables.sql", "restore.sh"),
      },
      child,
    );
    new k8s.batch.v1.CronJob(
      name,
      {
        metadata: { namespace, labels, annotations: { [staleAnnotation]: String(args.staleHours) } },
        spec: {
          schedule: args.schedule,
          timeZone: "Etc/UTC",
          concurrencyPolicy: "Forbid",
          startingDeadlineSeconds: 3600,
          successfulJobsHistoryLimit: 3,
          failedJobsHistoryLimit: 3,
          jobTemplate: {
            metadata: { labels },
            spec: {
              ...deadline.job,
              backoffLimit: 1,
              podFailurePolicy,
              template: {
                metadata: { labels: { ...labels, ...args.database.clientLabels } },
                spec: podSpec(args, { account: account.name, claim: claim.name, scripts: scripts.name }),
              },
            },
          },
        },
      },
      child,
    );

    this.claim = claim.name;
    this.registerOutputs({ claim: this.claim });
  }
}

/** Never retries exit code 42: a new backup was made, but an earlier one is damaged. A retry would hide that. */
const podFailurePolicy = {
  rules: [{ action: "FailJob", onExitCodes: { containerName: "backup", operator: "In", values: [42] } }],
};

const podSpec = (
  { image, database, keep, resources }: BackupsArgs,
  { account, claim, scripts }: Readonly<Record<"account" | "claim" | "scripts", pulumi.Output<string>>>,
): k8s.types.input.core.v1.PodSpec => ({
  ...restrictedPod(postgresUser),
  ...deadline.pod,
  serviceAccountName: account,
  containers: [
    {
      ...restrictedContainer,
      name: "backup",
      image,
      command: [`${scriptFolder}/backup.sh`],
      env: [
        ...libpqVariables(database),
        { name: "PGCONNECT_TIMEOUT", value: "30" },
        { name: "BACKUPS", value: "/backups" },
        { name: "KEEP", value: String(keep) },
      ],
      resources: requestsAndLimits(resources ?? { cpu: "50m", cpuLimit: "1", memory: "256Mi" }),
      // Shows the reason of a failure on the pod, and so in `npm run status`.
      terminationMessagePolicy: "FallbackToLogsOnError",
      volumeMounts: [{ name: "backups", mountPath: "/backups" }, scriptMount, { name: "tmp", mountPath: "/tmp" }],
    },
  ],
  volumes: [
    { name: "backups", persistentVolumeClaim: { claimName: claim } },
    scriptVolume(scripts),
    { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
  ],
});
