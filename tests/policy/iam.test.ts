import { keyPolicy } from "../../components/aws/cluster.ts";
import { trustIn } from "../../components/aws/roles.ts";
import { iamWildcard } from "../../policy/iam.ts";
import { unknown } from "../../policy/unknown-values.ts";
import { describeRule, type TestResource } from "./rule-tests.ts";

const aws = (type: string, props: object): TestResource => ({ type: `aws:${type}`, props });
const policy = (statement: object): TestResource =>
  aws("iam/policy:Policy", { policy: JSON.stringify({ Statement: [{ Effect: "Allow", ...statement }] }) });
const one = "arn:aws:s3:::bucket/*";

describeRule(iamWildcard, {
  accepts: {
    "named actions on named things": policy({ Action: ["s3:GetObject", "s3:PutObject"], Resource: one }),
    "metadata of every resource": policy({ Action: ["ec2:DescribeInstances", "s3:ListAllMyBuckets"], Resource: "*" }),
    "actions without resource-level permissions": policy({
      Action: ["ecr:GetAuthorizationToken", "sts:GetCallerIdentity", "cloudwatch:GetMetricData"],
      Resource: "*",
    }),
    "every resource with a condition": policy({ Action: "ec2:RunInstances", Resource: "*", Condition: { Bool: {} } }),
    "a denial of everything": policy({ Effect: "Deny", Action: "*", Resource: "*", Principal: "*" }),
    "a key that is delegated to its account": aws("kms/key:Key", { policy: JSON.stringify(keyPolicy("111122223333")) }),
    "a role for a service": aws("iam/role:Role", { assumeRolePolicy: JSON.stringify(trustIn("eks")) }),
    "an unknown policy": aws("iam/policy:Policy", { policy: unknown }),
    "a lifecycle policy": aws("ecr/lifecyclePolicy:LifecyclePolicy", { policy: '{"rules":[]}' }),
    "a text that is no JSON": aws("iam/policy:Policy", { policy: "none" }),
    "a narrow AWS managed policy": aws("iam/rolePolicyAttachment:RolePolicyAttachment", {
      policyArn: "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy",
    }),
    "a resource outside AWS": {
      type: "other:index:Policy",
      props: { policyArn: "arn:aws:iam::aws:policy/AdministratorAccess" },
    },
  },
  refuses: {
    "every action": [policy({ Sid: "All", Action: "*", Resource: one }), /All permits the action \*/],
    "every action of a service": [
      policy({ Action: ["s3:GetObject", "iam:*"], Resource: one }),
      /a statement permits the action iam:\*/,
    ],
    NotAction: [policy({ NotAction: "iam:*", Resource: one }), /permits NotAction/],
    "every resource": [policy({ Action: "s3:DeleteObject", Resource: "*" }), /permits every resource/],
    NotResource: [policy({ Action: "s3:GetObject", NotResource: one, Resource: one }), /permits NotResource/],
    ...Object.fromEntries(
      [
        "secretsmanager:GetSecretValue",
        "secretsmanager:Get*",
        "ssm:GetParameter",
        "ssm:GetParametersByPath",
        "s3:GetObject",
        "dynamodb:GetItem",
        "kms:GetPublicKey",
        "ec2:GetConsoleOutput",
      ].map((Action) => [`${Action} on every resource`, [policy({ Action, Resource: "*" }), /every resource/]]),
    ),
    "deletion of every resource": [
      policy({ Action: ["s3:ListBucket", "s3:DeleteObject"], Resource: "*" }),
      /permits every resource/,
    ],
    "a key for its account and another service": [
      aws("kms/key:Key", {
        policy: JSON.stringify({
          Statement: {
            Effect: "Allow",
            Action: "kms:*",
            Resource: "*",
            Principal: { AWS: "arn:aws:iam::111122223333:root", Service: "s3.amazonaws.com" },
          },
        }),
      }),
      /permits the action kms:\*/,
    ],
    "every principal": [
      policy({ Action: "s3:GetObject", Resource: one, Principal: { AWS: "*" } }),
      /permits everybody/,
    ],
    NotPrincipal: [policy({ Action: "s3:GetObject", Resource: one, NotPrincipal: { AWS: "1" } }), /NotPrincipal/],
    "a key for another service": [
      aws("kms/key:Key", {
        policy: JSON.stringify({
          Statement: { Effect: "Allow", Action: "kms:*", Resource: "*", Principal: { Service: "s3.amazonaws.com" } },
        }),
      }),
      /permits the action kms:\*/,
    ],
    "an inline policy of a role": [
      aws("iam/role:Role", {
        inlinePolicies: [{ policy: JSON.stringify({ Statement: [{ Effect: "Allow", Action: "*", Resource: one }] }) }],
      }),
      /permits the action \*/,
    ],
    AdministratorAccess: [
      aws("iam/role:Role", { managedPolicyArns: ["arn:aws:iam::aws:policy/AdministratorAccess"] }),
      /AdministratorAccess permits everything/,
    ],
    "full access to a service": [
      aws("iam/rolePolicyAttachment:RolePolicyAttachment", { policyArn: "arn:aws:iam::aws:policy/AmazonS3FullAccess" }),
      /AmazonS3FullAccess permits everything/,
    ],
  },
});
