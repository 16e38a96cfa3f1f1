import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { sameFieldManager, skipAwait } from "../cluster/annotations.ts";
import { type DatabaseConnection, libpqVariables, postgresUser, script, scriptFolder } from "./database/client.ts";
import { jobDeadline } from "./pods/job-deadline.ts";
import { type Resources, requestsAndLimits, restrictedContainer, restrictedPod } from "./pods/restricted.ts";

/** Arguments of {@link Backups}. */
export interface BackupsArgs {
  /** Namespace of the database. */
  readonly namespace: pulumi.Input<string>;
  /** The database's own image: dump and check need the programs of its version. */
  readonly image: pulumi.Input<string>;
  /** The database to back up. */
  readonly database: DatabaseConnection;
  /** When to make one: a cron expression, in UTC. */
  readonly schedule: string;
  /** How many to keep. */
  readonly keep: number;
  /** Size of their volume: all of them, one more, and the database once more, unpacked. It can grow, never shrink. */
  readonly storage: pulumi.Input<string>;
  /** Storage class of that volume. Default: the cluster's own. */
  readonly storageClass?: pulumi.Input<string>;
  /** Hours after which the newest one counts as outdated. */
  readonly staleHours: number;
  /** Refuse to delete their volume. Default false. */
  readonly protect?: boolean;
  /** What the container that makes one gets. Default 50m to 1 CPU, 256Mi. */
  readonly resources?: Resources;
}

/** The label by which Jobs and pods of a backup are found. */
export const backupLabels = { "app.kubernetes.io/component": "backup" };

/** The annotation of the CronJob with the hours after which its newest backup counts as outdated. */
export const staleAnnotation = "slipway/stale-hours";

/** Six hours: one that takes longer would soon meet the next. */
const deadlineSeconds = 6 * 3600;

/**
 * Backups of a database on a claim of their own, made by a CronJob. Each counts as one only after it was brought back
 * into a server of the Job's own and compared with what was dumped (see database/scripts/backup.sh); the earlier ones stay as
 * they are until then, also when the volume is full. A backup that failed is a failed Job.
 *
 * Its claim is never deleted with the setting that asked for it: it goes with its namespace.
 */
export class Backups extends pulumi.ComponentResource {
  /** The claim that holds the backups. */
  readonly claim: pulumi.Output<string>;

  constructor(name: string, args: BackupsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:index:Backups", name, {}, opts);
    const { namespace, database, protect = false } = args;
    const child = { parent: this };
    const labels = { "app.kubernetes.io/name": name, ...backupLabels };

    const claim = new k8s.core.v1.PersistentVolumeClaim(
      `${name}-data`,
      {
        metadata: { name, namespace, labels, annotations: { ...sameFieldManager, ...skipAwait } },
        spec: {
          accessModes: ["ReadWriteOnce"],
          storageClassName: args.storageClass,
          resources: { requests: { storage: args.storage } },
        },
      },
      { parent: this, protect, retainOnDelete: true },
    );
    const account = new k8s.core.v1.ServiceAccount(
      `${name}-account`,
      { metadata: { namespace, labels }, automountServiceAccountToken: false },
      child,
    );
    const scripts = new k8s.core.v1.ConfigMap(
      `${name}-scripts`,
      {
        metadata: { namespace, labels },
        data: Object.fromEntries(
          ["backup.sh", "backup.sql", "tables.sql", "restore.sh"].map((file) => [file, script(file)]),
        ),
      },
      child,
    );

    const deadline = jobDeadline(deadlineSeconds);
    const pod = {
      ...restrictedPod(postgresUser),
      ...deadline.pod,
      serviceAccountName: account.metadata.name,
      containers: [
        {
          ...restrictedContainer,
          name: "backup",
          image: args.image,
          command: [`${scriptFolder}/backup.sh`],
          env: [
            ...libpqVariables(database),
            { name: "PGCONNECT_TIMEOUT", value: "30" },
            { name: "BACKUPS", value: "/backups" },
            { name: "KEEP", value: String(args.keep) },
          ],
          resources: requestsAndLimits(args.resources ?? { cpu: "50m", cpuLimit: "1", memory: "256Mi" }),
          // Why it failed can then be read off the pod, also by `npm run status`.
          terminationMessagePolicy: "FallbackToLogsOnError",
          volumeMounts: [
            { name: "backups", mountPath: "/backups" },
            { name: "scripts", mountPath: scriptFolder, readOnly: true },
            { name: "tmp", mountPath: "/tmp" },
          ],
        },
      ],
      volumes: [
        { name: "backups", persistentVolumeClaim: { claimName: claim.metadata.name } },
        { name: "scripts", configMap: { name: scripts.metadata.name, defaultMode: 0o555 } },
        { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
      ],
    };
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
              backoffLimit: 1,
              // Exit code 42: a new backup was made, but an earlier one is damaged. A second try would hide that.
              podFailurePolicy: {
                rules: [
                  {
                    action: "FailJob",
                    onExitCodes: { containerName: "backup", operator: "In", values: [42] },
                  },
                ],
              },
              ...deadline.job,
              template: { metadata: { labels: { ...labels, ...database.clientLabels } }, spec: pod },
            },
          },
        },
      },
      child,
    );

    this.claim = claim.metadata.name;
    this.registerOutputs({ claim: this.claim });
  }
}
