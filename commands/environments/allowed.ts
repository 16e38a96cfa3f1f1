import { allowedInAws } from "./allowed-in-aws.ts";
import { allowedInDatabases } from "./allowed-in-databases.ts";
import type { Difference } from "./differences.ts";

/** Rule that allows a difference between environments. */
export interface Allowance {
  /** Title of the row in the table. */
  readonly what: string;
  /** Reason why environments differ in it. */
  readonly reason: string;
  /** Kind and field, as in `Deployment spec.replicas`. */
  readonly fields: RegExp;
  /** Names of the objects in the program. @default any */
  readonly objects?: RegExp;
  /** Whether one side may lack the field, or, for a kind without a field, the object. @default false */
  readonly mayBeMissing?: boolean;
  /** Allowed values on both sides. @default any */
  readonly values?: RegExp;
  /** Kind and field of another difference, which has to be as large. @default none */
  readonly follows?: RegExp;
}

/**
 * Everything that environments may differ in. Everything else is the same: containers, commands, ports, probes, volumes,
 * security settings, network policies. Reviewers should see each new rule.
 */
export const allowed: readonly Allowance[] = [
  {
    what: "environment",
    reason: "the application shows where it runs",
    fields: /^(Deployment|Job|CronJob) .*\.env\[APP_ENVIRONMENT\]\.value$/,
  },
  {
    what: "namespace",
    reason: "environments may share a cluster",
    fields: /^(Namespace metadata\.name|\w+ metadata\.namespace)$/,
  },
  {
    what: "cluster",
    reason: "each environment names its own cluster",
    fields: /^kubernetes provider (context|clusterIdentifier|kubeconfig.*)$/,
    mayBeMissing: true,
  },
  ...allowedInAws,
  {
    what: "registry",
    reason: "a developer's machine has its own registry; the digest is the same",
    fields: /(\.image|\[SLIPWAY_IMAGE\]\.value|\[release\.json\]\.image)\.repository$|^docker-build Image tags\[0\]$/,
  },
  {
    what: "registry",
    reason: "only the stack that pushes owns the repository, and logs in to it",
    fields: /^(aws (Repository|RepositoryPolicy|LifecyclePolicy)|docker-build Image registries)$/,
    mayBeMissing: true,
  },
  {
    what: "registry",
    reason: "only a registry that the cluster's nodes cannot read by themselves needs a login",
    fields: /^Secret$/,
    objects: /^app-pull$/,
    mayBeMissing: true,
  },
  {
    what: "registry",
    reason: "the pods of that environment pull with it",
    fields: /^(Deployment|Job|CronJob) .*\.imagePullSecrets$/,
    mayBeMissing: true,
  },
  {
    what: "builder",
    reason: "each machine has its own builder; the content key and the digest are the same",
    fields: /^docker-build Image builder(\.name)?$/,
    mayBeMissing: true,
  },
  {
    what: "release",
    reason: "a promotion changes the release; a promoted image is looked up instead of built",
    fields:
      /^(docker-build Image|docker provider)$|^(Deployment|CronJob) metadata\.annotations|^ConfigMap data\[release\.json\]\.(name|commit)$/,
    mayBeMissing: true,
  },
  {
    what: "replicas",
    reason: "the load needs that many",
    fields: /^(Deployment spec\.replicas|HorizontalPodAutoscaler( spec\.(min|max)Replicas)?)$/,
    mayBeMissing: true,
  },
  {
    what: "replicas",
    reason: "an autoscaler sets the number itself",
    fields: /^Deployment options\.ignoreChanges\[0\]$/,
    values: /^(undefined|spec\.replicas)$/,
    mayBeMissing: true,
  },
  {
    what: "resources",
    reason: "the load needs that much",
    fields: /\.resources\.(requests|limits)\.(cpu|memory)$/,
  },
  {
    what: "resources",
    reason: "PostgreSQL's memory settings depend on its container's",
    fields: /^StatefulSet .*\[postgres\]\.args\[\d+\]$/,
    values: /^(shared_buffers|effective_cache_size)=\d+MB$/,
  },
  {
    what: "host",
    reason: "each environment has its own host, and a developer's machine has no ingress",
    fields:
      /^(Ingress( spec\.(rules|tls)\[0\]\.(host|hosts\[0\]|secretName)| spec\.ingressClassName)?|Service spec\.(type|ports\[http\]\.nodePort))$/,
    mayBeMissing: true,
  },
  {
    what: "sources",
    reason: "the source of requests, an ingress controller or load balancer, depends on the cluster",
    fields: /^NetworkPolicy spec\.ingress\[0\]\.from(?!\[\d+\]\.podSelector)/,
    objects: /^(?!(app|database)(-|$))/,
    mayBeMissing: true,
  },
  {
    what: "destinations",
    reason: "the servers that the application connects to, and their addresses, depend on the environment",
    fields: /^NetworkPolicy( spec\.egress.*)?$/,
    objects: /-outgoing$/,
    mayBeMissing: true,
  },
  ...allowedInDatabases,
  {
    what: "schedules",
    reason: "what runs at certain times does so as often as an environment needs it",
    fields: /^CronJob spec\.(schedule|timeZone)$/,
    objects: /^(?!database-)/,
  },
  {
    what: "size",
    reason: "environments have different amounts of data, and clusters different storage classes",
    fields: /^PersistentVolumeClaim spec\.(resources\.requests\.storage|storageClassName)$/,
    mayBeMissing: true,
  },
  {
    what: "backups",
    reason: "only data that matters has backups, as often as necessary",
    fields:
      /^(CronJob( spec\.schedule| .*\.env\[KEEP\]\.value| metadata\.annotations\..*)?|PersistentVolumeClaim|ConfigMap|ServiceAccount)$/,
    objects: /^database-backups/,
    mayBeMissing: true,
  },
  {
    what: "protection",
    reason: "data that does not matter may be deleted",
    fields: /^(aws )?\w+ (options\.(protect|retainOnDelete)|deletionProtection)$/,
  },
  {
    what: "secret",
    reason: "each environment has its own values under the same names",
    fields: /^Secret (stringData|data)(\.[\w-]+|\[[^\]]+\])$/,
  },
];

/**
 * Finds the rule that allows a difference; undefined if none does.
 *
 * @param all every difference between the same two environments
 */
export function allowanceFor(difference: Difference, all: readonly Difference[]): Allowance | undefined {
  const { kind, name, field, left, right } = difference;
  const sides = [left, right];
  return allowed.find(
    ({ fields, objects, mayBeMissing = false, values, follows }) =>
      (objects?.test(name) ?? true) &&
      fields.test(field ? `${kind} ${field}` : kind) &&
      (mayBeMissing || sides.every((side) => side !== undefined)) &&
      (!values || sides.every((side) => values.test(String(side)))) &&
      (!follows ||
        all.some((other) => follows.test(`${other.kind} ${other.field}`) && step(other) === step(difference))),
  );
}

const step = ({ left, right }: Difference): number => Number(right) - Number(left);
