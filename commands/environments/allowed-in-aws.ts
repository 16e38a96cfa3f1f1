import type { Allowance } from "./allowed.ts";

/** Seconds that a pod keeps serving while load balancers remove it. */
const pause = /^Deployment spec\.template\.spec\.containers\[[\w-]+\]\.lifecycle\.preStop\.sleep\.seconds$/;

/**
 * Everything that environments in AWS may differ in. Permissions, encryption, logs, retention and network access are the
 * same in all of them.
 */
export const allowedInAws: readonly Allowance[] = [
  {
    what: "cluster",
    reason: "an environment creates a cluster with everything in it, or uses an existing one",
    fields:
      /^(aws (Access\w+|Addon|Certificate\w*|Cluster|DefaultSecurityGroup|Eip|InternetGateway|Key|LifecyclePolicy|LogGroup|NatGateway|Record|Role\w*|RouteTable\w*|Subnet|Vpc\w*|provider)|StorageClass|IngressClass\w*|NodeClass|NodePool)$/,
    mayBeMissing: true,
  },
  {
    what: "cluster",
    reason: "names in AWS contain the environment's name",
    fields: /^aws \w+ (name|clusterName|description|tags\.Name|policyDetails\.targetTags\.SlipwayCluster)$/,
  },
  {
    what: "cluster",
    reason: "tags name the environment, its owner and the cluster of a volume",
    fields:
      /^(aws provider defaultTags\.tags\.(Environment|Owner)|StorageClass parameters\.tagSpecification_\d|IngressClassParams spec\.tags\[\d\]\.value|NodeClass spec\.tags\.(Environment|Owner))$/,
  },
  {
    what: "account",
    reason: "an environment may have its own account, with its own deploy roles",
    fields:
      /^aws (provider (allowedAccountIds|region)|AccessEntry principalArn|AccessPolicyAssociation principalArn|RolePolicyAttachment policyArn|(Key|Role) .*(Principal\.AWS|\[aws:SourceAccount\]))$/,
    values:
      /^(\["\d{12}"\]|\d{12}|[a-z]+-[a-z]+-\d|arn:aws:iam::\d{12}:(root|(role|user)\/\S+|policy\/slipway\/cluster-tags))$/,
  },
  {
    what: "zones",
    reason: "a NAT gateway for every zone costs more than a shared one",
    fields: /^aws RouteTable routes\[0\]\.natGatewayId$/,
  },
  {
    what: "host",
    reason: "each environment has its own host in its own domain",
    fields: /^aws (Certificate domainName|Record (name|zoneId))$/,
  },
  {
    what: "host",
    reason: "Amazon's load balancers need other annotations than an ingress controller",
    fields: /^Ingress metadata\.annotations.*$/,
    mayBeMissing: true,
  },
  {
    what: "host",
    reason: "Amazon's load balancers check the health of each Service by a path of its own",
    fields: /^Service metadata\.annotations\[alb\.ingress\.kubernetes\.io\/(healthcheck-path|success-codes)\]$/,
    mayBeMissing: true,
  },
  {
    what: "host",
    reason: "Amazon's load balancers report readiness of a pod only with this label",
    fields: /^Namespace metadata\.labels\[eks\.amazonaws\.com\/pod-readiness-gate-inject\]$/,
    mayBeMissing: true,
  },
  {
    what: "host",
    reason: "Amazon's load balancers take longer to remove a pod, which serves until then",
    fields: pause,
    values: /^(5|60)$/,
  },
  {
    what: "host",
    reason: "a pod that serves longer may take as much longer to stop",
    fields: /^Deployment spec\.template\.spec\.terminationGracePeriodSeconds$/,
    follows: pause,
  },
  {
    what: "host",
    reason: "a pod that serves longer uses its database login for as much longer",
    fields: /^Job spec\.(template\.spec\.)?(activeDeadlineSeconds|containers\[psql\]\.env\[DRAIN_SECONDS\]\.value)$/,
    objects: /^database-login-close$/,
    follows: pause,
  },
  {
    what: "cluster",
    reason: "nodes in Amazon EKS enforce network policies only if this is set",
    fields: /^ConfigMap$/,
    objects: /^nodes-policies$/,
    mayBeMissing: true,
  },
  {
    what: "names",
    reason: "the DNS server in Amazon EKS is an address instead of a pod",
    fields: /^NetworkPolicy spec\.egress\[1\]$/,
    objects: /^app-dns$/,
    mayBeMissing: true,
  },
];
