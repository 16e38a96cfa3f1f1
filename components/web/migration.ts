import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { keyOf } from "../../image/build-context.ts";
import { awaitDatabase } from "../database/client.ts";
import { jobDeadline } from "../pods/job-deadline.ts";
import type { WebAppArgs } from "../web.ts";
import { type PodNeeds, podOf } from "./pod.ts";

const record = z.object({ key: z.string(), image: z.string() });

/** The last migration: the image that it ran on, and a key of all that decides what a migration does. The stack's output `migrated`. */
export type Migrated = z.infer<typeof record>;

/**
 * The migration that the last `up` recorded.
 *
 * @param output the stack's output `migrated`, undefined before its first `up`
 * @param repository of the images; what was pulled from another one may be gone with it
 */
export function parseMigration(output: unknown, repository: string): Migrated | undefined {
  const { data } = record.safeParse(output);
  return data?.image.startsWith(`${repository}@`) ? data : undefined;
}

/**
 * Brings the database's schema up to date: once on each new image, or, where it is known what the migrations consist of, once for
 * each change of that. Until then the Job stays the one that ran, with its image: a Job that stays as it is does not run.
 */
export function migration(
  name: string,
  args: WebAppArgs & { migrate: string[] },
  labels: Record<string, string>,
  needs: PodNeeds,
  opts: pulumi.CustomResourceOptions,
): { job: k8s.batch.v1.Job; migrated: pulumi.Output<Partial<Migrated>> } {
  const { namespace, migrations, migrated, database } = args;
  const key = migrations === undefined ? undefined : keyOf([migrations, ...toldTo(args)]);
  const image = key !== undefined && migrated?.key === key ? migrated.image : args.image;
  const { pod, container } = podOf({ ...args, image }, needs);
  const deadline = jobDeadline(args.migrateSeconds);
  const job = new k8s.batch.v1.Job(
    `${name}-migration`,
    {
      metadata: { namespace, labels, annotations: deadline.annotations },
      spec: {
        backoffLimit: 2,
        ...deadline.job,
        template: {
          metadata: { labels: { ...database?.clientLabels, "app.kubernetes.io/component": "migration" } },
          spec: {
            ...pod,
            ...deadline.pod,
            initContainers: database && [awaitDatabase(database)],
            containers: [{ ...container, name: "migration", command: args.migrate }],
          },
        },
      },
    },
    { ...opts, ...deadline.options },
  );
  return { job, migrated: pulumi.output(key === undefined ? {} : { key, image }) };
}

/** Whatever the Job is told counts as well: an earlier image need not understand the environment of a later one. */
const toldTo = ({ migrate, migrateSeconds, environment, secrets, resources, user }: WebAppArgs) => [
  migrate,
  migrateSeconds,
  environment,
  Object.keys(secrets),
  resources,
  user,
];
