import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { keyOf } from "../../image/build-context.ts";
import { awaitDatabase } from "../database/client.ts";
import { containerAsWritten } from "../pods/as-written.ts";
import { jobDeadline } from "../pods/job-deadline.ts";
import { outgoing } from "../pods/outgoing.ts";
import type { WebAppArgs } from "../web.ts";
import { type PodReferences, podParts } from "./pod.ts";

const migratedSchema = z.object({ key: z.string(), image: z.string() });

/** Last migration: its image, and a key of everything that decides what it does. The stack output `migrated`. */
export type Migrated = z.infer<typeof migratedSchema>;

/**
 * Reads the migration of the last `up`.
 *
 * @param output the stack output `migrated`, undefined before the first `up`
 * @param repository of the images; an image of another repository may no longer exist
 */
export function parseMigration(output: unknown, repository: string): Migrated | undefined {
  const { data } = migratedSchema.safeParse(output);
  return data?.image.startsWith(`${repository}@`) ? data : undefined;
}

/**
 * Creates the Job that migrates the database's schema: on each new image, or only when the migrations changed if their
 * key is known. Until then the Job keeps its image, since an unchanged Job does not run again.
 */
export function migration(
  name: string,
  args: WebAppArgs & { migrate: string[] },
  labels: Record<string, string>,
  references: PodReferences,
  opts: pulumi.CustomResourceOptions,
): { job: k8s.batch.v1.Job; migrated: pulumi.Output<Partial<Migrated>> } {
  const { namespace, migrations, migrated, database } = args;
  const key = migrations === undefined ? undefined : keyOf([migrations, ...jobInputs(args)]);
  const image = key !== undefined && migrated?.key === key ? migrated.image : args.image;
  const { pod, container } = podParts({ ...args, image }, references);
  const deadline = jobDeadline(args.migrateSeconds);
  const podLabels = { ...database?.clientLabels, ...args.clientLabels, "app.kubernetes.io/component": "migration" };
  const dependsOn = outgoing(`${name}-migration`, args, podLabels, opts);
  const job = new k8s.batch.v1.Job(
    `${name}-migration`,
    {
      metadata: { namespace, labels, annotations: deadline.annotations },
      spec: {
        backoffLimit: 2,
        ...deadline.job,
        template: {
          metadata: { labels: podLabels },
          spec: {
            ...pod,
            ...deadline.pod,
            initContainers: database && awaitDatabase(database),
            containers: [
              containerAsWritten({ ...container, name: "migration", command: args.migrate }, references.secretNames),
            ],
          },
        },
      },
    },
    { ...opts, ...deadline.options, dependsOn },
  );
  return { job, migrated: pulumi.output(key === undefined ? {} : { key, image }) };
}

/** Inputs of the Job that are part of the key: an earlier image may not understand the environment of a later one. */
const jobInputs = ({ volumes = {}, ...args }: WebAppArgs) => [
  args.migrate,
  args.migrateSeconds,
  args.environment,
  Object.keys(args.secrets),
  args.resources,
  args.user,
  // Without scratch folders, the key stays that of earlier versions.
  ...Object.entries(volumes).filter(([, { storage }]) => storage === undefined),
  ...(args.database?.elsewhere === undefined ? [] : [args.database.elsewhere]),
];
