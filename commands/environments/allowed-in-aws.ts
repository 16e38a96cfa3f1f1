import type { Allowance } from "./allowed.ts";

/** How long a pod goes on serving once the load balancers are to let go of it. */
const pause = /^Deployment spec\.template\.spec\.containers\[web\]\.lifecycle\.preStop\.sleep\.seconds$/;

/**
 * What environments in AWS may differ in. What decides about safety is not here: who may do what, what is encrypted,
 * logged, kept and open to whom is the same in all of them.
 */
export const allowedInAws: readonly Allowance[] = [
  {
    what: "cluster",
    reason: "an environment makes a cluster of its own, with all that belongs to it, or is given a context",
    fields:
      /^(aws (Access\w+|Addon|Certificate\w*|Cluster|DefaultSecurityGroup|Eip|InternetGateway|Key|LifecyclePolicy|LogGroup|NatGateway|Record|Role\w*|RouteTable\w*|Subnet|Vpc\w*|provider)|StorageClass|IngressClass\w*|NodeClass|NodePool)$/,
    mayBeMissing: true,
  },
  {
    what: "cluster",
    reason: "what people see by its name in AWS has its environment's name",
    fields: /^aws \w+ (name|clusterName|description|tags\.Name|policyDetails\.targetTags\.SlipwayCluster)$/,
  },
  {
    what: "cluster",
    reason: "the environment and its owner are tags of everything, and volumes have the name of their cluster",
    fields:
      /^(aws provider defaultTags\.tags\.(Environment|Owner)|StorageClass parameters\.tagSpecification_\d|IngressClassParams spec\.tags\[\d\]\.value|NodeClass spec\.tags\.(Environment|Owner))$/,
  },
  {
    what: "account",
    reason: "each environment may have an account of its own, with its own roles that deploy",
    fields:
      /^aws (provider (allowedAccountIds|region)|AccessEntry principalArn|AccessPolicyAssociation principalArn|RolePolicyAttachment policyArn|(Key|Role) .*(Principal\.AWS|\[aws:SourceAccount\]))$/,
    values:
      /^(\["\d{12}"\]|\d{12}|[a-z]+-[a-z]+-\d|arn:aws:iam::\d{12}:(root|(role|user)\/\S+|policy\/slipway\/cluster-tags))$/,
  },
  {
    what: "zones",
    reason: "a NAT gateway for every zone costs more than one that they share",
    fields: /^aws RouteTable routes\[0\]\.natGatewayId$/,
  },
  {
    what: "host",
    reason: "each environment has its own address, in a domain of its own",
    fields: /^aws (Certificate domainName|Record (name|zoneId))$/,
  },
  {
    what: "host",
    reason: "what an ingress has to be told differs between Amazon's load balancers and others",
    fields: /^Ingress metadata\.annotations.*$/,
    mayBeMissing: true,
  },
  {
    what: "host",
    reason: "Amazon's load balancers have to be told to say of a new pod whether it is ready",
    fields: /^Namespace metadata\.labels\[eks\.amazonaws\.com\/pod-readiness-gate-inject\]$/,
    mayBeMissing: true,
  },
  {
    what: "host",
    reason: "Amazon's load balancers take longer to let go of a pod, which serves them until they have",
    fields: pause,
    values: /^(5|60)$/,
  },
  {
    what: "host",
    reason: "a pod that serves for longer is given as much longer to stop",
    fields: /^Deployment spec\.template\.spec\.terminationGracePeriodSeconds$/,
    follows: pause,
  },
  {
    what: "host",
    reason: "a pod that serves for longer uses an earlier login of the database for as much longer",
    fields: /^Job spec\.(template\.spec\.)?(activeDeadlineSeconds|containers\[psql\]\.env\[DRAIN_SECONDS\]\.value)$/,
    objects: /^database-login-close$/,
    follows: pause,
  },
  {
    what: "cluster",
    reason: "the nodes of a cluster of Amazon's have to be told to hold pods to the network policies",
    fields: /^ConfigMap$/,
    objects: /^nodes-policies$/,
    mayBeMissing: true,
  },
  {
    what: "names",
    reason: "in a cluster of Amazon's no pod answers for names, but an address",
    fields: /^NetworkPolicy spec\.egress\[1\]$/,
    objects: /^app-dns$/,
    mayBeMissing: true,
  },
];
