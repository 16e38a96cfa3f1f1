import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { awaitDatabase } from "./database/client.ts";
import { containerAsWritten } from "./pods/as-written.ts";
import { serviceAccount } from "./pods/identity.ts";
import { jobDeadline } from "./pods/job-deadline.ts";
import { outgoing } from "./pods/outgoing.ts";
import type { Application } from "./web/application.ts";
import { podParts } from "./web/pod.ts";
import { releaseAnnotations } from "./web/release-facts.ts";
import type { WebAppArgs } from "./web.ts";

/** Arguments of {@link Schedule}. */
export interface ScheduleArgs extends Pick<WebAppArgs, "resources" | "user" | "allowTo"> {
  /** Application that it is part of. */
  readonly application: Application;
  /** Command to run. */
  readonly command: string[];
  /** Cron expression. */
  readonly schedule: string;
  /** Time zone of the expression, as in `Europe/Berlin`. */
  readonly timeZone: string;
  /** Seconds that a run may take. */
  readonly deadlineSeconds: number;
  /** Treatment of a run that is due while the last one still runs: it is skipped, replaces the last one, or runs beside it. */
  readonly overlap: keyof typeof concurrencyPolicies;
}

const concurrencyPolicies = { skip: "Forbid", replace: "Replace", allow: "Allow" } as const;

/** Labels of the Jobs and pods of schedules. */
export const scheduleLabels = { "app.kubernetes.io/component": "schedule" };

/** Seconds after which a run that could not start is skipped, for example because the cluster's control plane was down. */
const startSeconds = 300;

/**
 * A command of the application that runs at certain times: the same image, environment, secrets and database. A new version
 * of it runs after the migration. A run that fails is not repeated; the next one comes at its time.
 */
export class Schedule extends pulumi.ComponentResource {
  constructor(name: string, args: ScheduleArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:index:Schedule", name, {}, opts);
    const { application, command, schedule, timeZone, overlap } = args;
    const { namespace, database, clientLabels, references, migration } = application;
    const labels = { "app.kubernetes.io/name": name, ...scheduleLabels };
    const child = { parent: this };

    const account = serviceAccount(name, application, labels, child);
    outgoing(name, { ...args, namespace }, labels, child);
    const { pod, container } = podParts({ ...application, ...args }, { ...references, account });
    const deadline = jobDeadline(args.deadlineSeconds);
    new k8s.batch.v1.CronJob(
      name,
      {
        metadata: { namespace, labels, annotations: releaseAnnotations(application.release) },
        spec: {
          schedule,
          timeZone,
          concurrencyPolicy: concurrencyPolicies[overlap],
          startingDeadlineSeconds: startSeconds,
          successfulJobsHistoryLimit: 1,
          failedJobsHistoryLimit: 3,
          jobTemplate: {
            metadata: { labels },
            spec: {
              ...deadline.job,
              backoffLimit: 0,
              podFailurePolicy,
              template: {
                metadata: { labels: { ...labels, ...database?.clientLabels, ...clientLabels } },
                spec: {
                  ...pod,
                  ...deadline.pod,
                  initContainers: database && awaitDatabase(database),
                  containers: [containerAsWritten({ ...container, name, command }, references.secretNames)],
                },
              },
            },
          },
        },
      },
      { ...child, dependsOn: migration ? [migration] : [] },
    );
    this.registerOutputs({});
  }
}

/** A pod that had to leave its node has not failed: the run starts again. */
const podFailurePolicy = {
  rules: [{ action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] }],
};
