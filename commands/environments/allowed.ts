import { allowedInAws } from "./allowed-in-aws.ts";
import type { Difference } from "./differences.ts";

/** A difference that environments may have. */
export interface Allowance {
  /** What it is, in a word or two: the row's title in the table. */
  readonly what: string;
  /** Why environments have to differ in it. */
  readonly reason: string;
  /** Kind and field, as in `Deployment spec.replicas`. A field has to be there on both sides. */
  readonly fields: RegExp;
  /** Names of the objects, as in the program. Default: any. */
  readonly objects?: RegExp;
  /** Whether it may also be missing on one side: the field, or (a kind without a field) the whole object. Default: it may not. */
  readonly mayBeMissing?: boolean;
  /** What the values on both sides have to look like. Default: anything. */
  readonly values?: RegExp;
  /** Kind and field of what has to differ by as much, since this one follows from it. Default: it follows from nothing. */
  readonly follows?: RegExp;
}

/**
 * All that environments may differ in. Whatever is not here is the same everywhere: containers, commands, ports,
 * probes, volumes, security settings, network policies. A new line here is a decision that a reviewer should see.
 */
export const allowed: readonly Allowance[] = [
  {
    what: "environment",
    reason: "the application says where it runs",
    fields: /^(Deployment|Job) .*\.env\[APP_ENVIRONMENT\]\.value$/,
  },
  {
    what: "namespace",
    reason: "environments may share a cluster",
    fields: /^(Namespace metadata\.name|\w+ metadata\.namespace)$/,
  },
  {
    what: "cluster",
    reason: "each environment names its own",
    fields: /^kubernetes provider (context|clusterIdentifier|kubeconfig.*)$/,
    mayBeMissing: true,
  },
  ...allowedInAws,
  {
    what: "registry",
    reason: "a developer's machine has its own; the digest is the same",
    fields: /(\.image|\[SLIPWAY_IMAGE\]\.value|\[release\.json\]\.image)\.repository$|^docker-build Image tags\[0\]$/,
  },
  {
    what: "registry",
    reason: "the stack that pushes owns the repository, and logs in to it; the others only pull",
    fields: /^(aws (Repository|RepositoryPolicy|LifecyclePolicy)|docker-build Image registries)$/,
    mayBeMissing: true,
  },
  {
    what: "builder",
    reason: "it is the machine's; the content key, and with it the digest, is the same",
    fields: /^docker-build Image builder(\.name)?$/,
    mayBeMissing: true,
  },
  {
    what: "release",
    reason: "which one runs is what a promotion changes; what is promoted is looked up instead of built",
    fields:
      /^(docker-build Image|docker provider)$|^Deployment metadata\.annotations|^ConfigMap data\[release\.json\]\.(name|commit)$/,
    mayBeMissing: true,
  },
  {
    what: "replicas",
    reason: "as many as the load needs",
    fields: /^(Deployment spec\.replicas|HorizontalPodAutoscaler( spec\.(min|max)Replicas)?)$/,
    mayBeMissing: true,
  },
  {
    what: "replicas",
    reason: "an autoscaler's number is its own",
    fields: /^Deployment options\.ignoreChanges\[0\]$/,
    values: /^(undefined|spec\.replicas)$/,
    mayBeMissing: true,
  },
  {
    what: "resources",
    reason: "as much as the load needs",
    fields: /\.resources\.(requests|limits)\.(cpu|memory)$/,
  },
  {
    what: "resources",
    reason: "PostgreSQL's memory follows from its container's",
    fields: /^StatefulSet .*\[postgres\]\.args\[\d+\]$/,
    values: /^(shared_buffers|effective_cache_size)=\d+MB$/,
  },
  {
    what: "host",
    reason: "each environment has its own address, and a developer's machine has no ingress",
    fields:
      /^(Ingress( spec\.(rules|tls)\[0\]\.(host|hosts\[0\]|secretName)| spec\.ingressClassName)?|Service spec\.(type|ports\[http\]\.nodePort))$/,
    mayBeMissing: true,
  },
  {
    what: "sources",
    reason: "requests come from an ingress controller or load balancer, whose place is the cluster's",
    fields: /^NetworkPolicy spec\.ingress\[0\]\.from/,
    objects: /^web$/,
    mayBeMissing: true,
  },
  {
    what: "size",
    reason: "as much data as there is, on the storage that the cluster has",
    fields: /^PersistentVolumeClaim spec\.(resources\.requests\.storage|storageClassName)$/,
    mayBeMissing: true,
  },
  {
    what: "backups",
    reason: "made of data that somebody would miss, as often as that asks for",
    fields:
      /^(CronJob( spec\.schedule| .*\.env\[KEEP\]\.value| metadata\.annotations\..*)?|PersistentVolumeClaim|ConfigMap|ServiceAccount)$/,
    objects: /^database-backups/,
    mayBeMissing: true,
  },
  {
    what: "protection",
    reason: "data that nobody would miss may be deleted",
    fields: /^(aws )?\w+ (options\.(protect|retainOnDelete)|deletionProtection)$/,
  },
  {
    what: "secret",
    reason: "each environment has its own values, of the same names",
    fields: /^Secret (stringData|data)(\.[\w-]+|\[[^\]]+\])$/,
  },
];

/**
 * What allows a difference; undefined where nothing does.
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
