import { type Anything, sub } from "./templates.ts";

/** Bucket of the state. */
export const inState = `arn:aws:s3:::\${StateBucket}`;
/** Objects of a stack's state, as tests/e2e/state-in-aws.test.ts finds them. */
export const stateOf = (stack: string) => [
  sub(`${inState}/.pulumi/stacks/*/\${${stack}}.json*`),
  ...["backups", "history", "locks"].map((kind) => sub(`${inState}/.pulumi/${kind}/*/\${${stack}}/*`)),
];

const inRegion = { StringEquals: { "aws:RequestedRegion": { Ref: "AWS::Region" } } };
const roles = sub(`arn:aws:iam::\${AWS::AccountId}:role/slipway/*`);
const managed = (...names: string[]) => names.map((name) => `arn:aws:iam::aws:policy/${name}`);
const here = (service: string, what: string) => sub(`arn:aws:${service}:\${AWS::Region}:\${AWS::AccountId}:${what}`);

/** Scope of each grant of the deploy role, by its Sid. */
export const scopes: Record<string, { Resource: Anything; Condition?: Anything }> = {
  RolesOfTheProgramAlone: { Resource: roles },
  WithThesePoliciesAlone: {
    Resource: roles,
    Condition: {
      ArnEquals: {
        "iam:PolicyARN": [
          ...managed(
            ...["AmazonEC2ContainerRegistryPullOnly", "AmazonEKSBlockStoragePolicy", "AmazonEKSClusterPolicy"],
            ...["AmazonEKSComputePolicy", "AmazonEKSLoadBalancingPolicy", "AmazonEKSNetworkingPolicy"],
            ...["AmazonEKSWorkerNodeMinimalPolicy", "service-role/AWSDataLifecycleManagerServiceRole"],
          ),
          { Ref: "ClusterTags" },
        ],
      },
    },
  },
  HandedToThese: {
    Resource: roles,
    Condition: {
      StringEquals: { "iam:PassedToService": ["eks.amazonaws.com", "ec2.amazonaws.com", "dlm.amazonaws.com"] },
    },
  },
  RolesThatAmazonMakesForItself: {
    Resource: sub(`arn:aws:iam::\${AWS::AccountId}:role/aws-service-role/*`),
    Condition: { StringEquals: { "iam:AWSServiceName": ["eks.amazonaws.com", "elasticloadbalancing.amazonaws.com"] } },
  },
  LookingAround: { Resource: "*" },
  NetworkInOneRegion: { Resource: "*", Condition: inRegion },
  NewInOneRegion: { Resource: "*", Condition: inRegion },
  Clusters: { Resource: ["cluster/*", "access-entry/*", "addon/*"].map((what) => here("eks", what)) },
  KeysOfClusters: {
    Resource: here("kms", "key/*"),
    Condition: { StringEquals: { "aws:ResourceTag/Project": "slipway" } },
  },
  NewKeysWithTheTag: { Resource: "*", Condition: { StringEquals: { "aws:RequestTag/Project": "slipway" } } },
  Logs: { Resource: here("logs", "log-group:/aws/eks/*") },
  Snapshots: { Resource: here("dlm", "policy/*") },
  Certificates: { Resource: here("acm", "certificate/*") },
  ReleasesOfTheRegistry: { Resource: sub(`arn:aws:ecr:\${AWS::Region}:*:repository/*`) },
  ImagesAreNeverDeletedByHand: { Resource: here("ecr", "repository/*") },
  OthersAreWritten: { Resource: stateOf("OtherStacks") },
  RecordsOfOneZone: { Resource: sub(`arn:aws:route53:::hostedzone/\${HostedZone}`) },
};
