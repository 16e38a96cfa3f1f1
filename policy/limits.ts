import { kindOf } from "./pods.ts";
import { type Props, resourceRule, stackRule } from "./rule.ts";
import { unknown } from "./unknown-values.ts";

/** Advises to split a stack; advisory, because nothing breaks. */
export const resourceCount = stackRule<{ most: number }>(
  {
    id: "resource-count",
    level: "advisory",
    reason: "A stack that grows by accident costs money, and nobody reads its previews any more.",
    remedy: "look for the cause in the preview; if the growth is intended, raise the rule's most, or split the stack",
    configuration: {
      most: { type: "integer", description: "Maximum number of resources in a stack.", default: 150 },
    },
  },
  (resources, { most }) => {
    const { length } = resources.filter(({ type }) => type !== "pulumi:pulumi:Stack");
    return length > most ? [{ problem: `the stack has ${length} resources; at most ${most} are expected` }] : [];
  },
);

const label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const subdomain = new RegExp(`^${label}(\\.${label})*$`);

/** Maximum length and pattern of a name. */
interface NameRule {
  readonly most: number;
  readonly pattern: RegExp;
}

/** Names of most kinds: https://kubernetes.io/docs/concepts/overview/working-with-objects/names */
const common: NameRule = { most: 253, pattern: subdomain };

/** Names that only have to fit into a path, as `team:view`. */
const path: NameRule = { most: Infinity, pattern: /^(?!\.\.?$)[^/%]+$/ };

/** Names that become part of host names, labels (63 characters) or names of Jobs. */
const nameRules: Readonly<Record<string, NameRule>> = {
  Namespace: { most: 63, pattern: new RegExp(`^${label}$`) },
  Service: { most: 63, pattern: /^[a-z]([-a-z0-9]*[a-z0-9])?$/ },
  StatefulSet: { most: 63, pattern: subdomain },
  Job: { most: 63, pattern: subdomain },
  CronJob: { most: 52, pattern: subdomain },
  Role: path,
  ClusterRole: path,
  RoleBinding: path,
  ClusterRoleBinding: path,
};

export const kubernetesName = resourceRule(
  {
    id: "kubernetes-name",
    reason: "The cluster refuses the name in the middle of the update.",
    remedy:
      'use at most 63 (a CronJob: 52) lower-case letters, digits and "-", with a letter first; labels have at most 63 characters',
  },
  (resource) => {
    const kind = kindOf(resource);
    if (!kind) return [];
    const { name, labels = {} } = resource.props.metadata ?? {};
    return [...wrongName(kind, name), ...wrongLabels(labels)];
  },
);

function wrongName(kind: string, name: unknown): string[] {
  if (typeof name !== "string") return [];
  const { most, pattern } = nameRules[kind] ?? common;
  if (name.length > most) return [`its name has ${name.length} characters; at most ${most} are allowed`];
  return pattern.test(name) ? [] : [`its name is ${name}`];
}

const wrongLabels = (labels: Props): string[] =>
  Object.entries(labels)
    .filter(([, value]) => value !== unknown && !/^(|[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?)$/.test(String(value)))
    .map(([label]) => `its label ${label} has a value that is too long, or has characters that are not allowed`);

/** Field of the name, its maximum length and its pattern: https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html */
const awsNames: Readonly<Record<string, readonly [field: string, most: number, pattern?: RegExp]>> = {
  "aws:iam/role:Role": ["name", 64],
  "aws:iam/policy:Policy": ["name", 128],
  "aws:ecr/repository:Repository": ["name", 256, /^[a-z0-9]+([._/-][a-z0-9]+)*$/],
  "aws:eks/cluster:Cluster": ["name", 100, /^[A-Za-z0-9][A-Za-z0-9_-]*$/],
  "aws:cloudwatch/logGroup:LogGroup": ["name", 512],
  "aws:lb/loadBalancer:LoadBalancer": ["name", 32],
  "aws:lb/targetGroup:TargetGroup": ["name", 32],
  "aws:ec2/securityGroup:SecurityGroup": ["name", 255, /^(?!sg-)/],
  "aws:s3/bucket:Bucket": ["bucket", 63, /^[a-z0-9][a-z0-9.-]+[a-z0-9]$/],
  "aws:dlm/lifecyclePolicy:LifecyclePolicy": ["description", 500, /^[\w -]+$/],
};

export const awsName = resourceRule(
  {
    id: "aws-name",
    reason: "AWS refuses the name in the middle of the update.",
    remedy: "shorten the name, or the names of the project and the stack that are part of it",
  },
  ({ type, props }) => {
    const [field = "", most = 0, pattern = /(?:)/] = awsNames[type] ?? [];
    const name = props[field];
    if (typeof name !== "string") return wrongTags(props.tags);
    if (name.length > most) return [`its ${field} has ${name.length} characters; at most ${most} are allowed`];
    return pattern.test(name) ? wrongTags(props.tags) : [`its ${field} is ${name}`];
  },
);

/** https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html */
const wrongTags = (tags: Props): string[] =>
  Object.entries(typeof tags === "object" && tags !== null ? tags : {})
    .filter(([key, value]) => key.length > 128 || String(value === unknown ? "" : value).length > 256)
    .map(([key]) => `its tag ${key.slice(0, 128)} is too long`);
