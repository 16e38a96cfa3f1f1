import { keyPolicy } from "../../components/aws/cluster.ts";
import { trustIn } from "../../components/aws/roles.ts";
import { iamWildcard } from "../../policy/iam.ts";
import { unknown } from "../../policy/unknown-values.ts";
import { type Judged, judges } from "./rule-tests.ts";

const aws = (type: string, props: object): Judged => ({ type: `aws:${type}`, props });
const policy = (statement: object): Judged =>
  aws("iam/policy:Policy", { policy: JSON.stringify({ Statement: [{ Effect: "Allow", ...statement }] }) });
const one = "arn:aws:s3:::bucket/*";

judges(iamWildcard, {
  passes: {
    "named actions on named things": policy({ Action: ["s3:GetObject", "s3:PutObject"], Resource: one }),
    "looking at everything": policy({ Action: ["ec2:DescribeInstances", "s3:ListAllMyBuckets"], Resource: "*" }),
    "what can't be held to one thing": policy({
      Action: ["ecr:GetAuthorizationToken", "sts:GetCallerIdentity", "cloudwatch:GetMetricData"],
      Resource: "*",
    }),
    "everything, on a condition": policy({ Action: "ec2:RunInstances", Resource: "*", Condition: { Bool: {} } }),
    "a prohibition of everything": policy({ Effect: "Deny", Action: "*", Resource: "*", Principal: "*" }),
    "a key that is left to its account": aws("kms/key:Key", { policy: JSON.stringify(keyPolicy("111122223333")) }),
    "a role for a service": aws("iam/role:Role", { assumeRolePolicy: JSON.stringify(trustIn("eks")) }),
    "a policy that is not known yet": aws("iam/policy:Policy", { policy: unknown }),
    "what is no policy": aws("ecr/lifecyclePolicy:LifecyclePolicy", { policy: '{"rules":[]}' }),
    "what is not even JSON": aws("iam/policy:Policy", { policy: "none" }),
    "a policy of Amazon's for one thing": aws("iam/rolePolicyAttachment:RolePolicyAttachment", {
      policyArn: "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy",
    }),
    "what is not Amazon's": {
      type: "other:index:Policy",
      props: { policyArn: "arn:aws:iam::aws:policy/AdministratorAccess" },
    },
  },
  fails: {
    "every action": [policy({ Sid: "All", Action: "*", Resource: one }), /All permits the action \*/],
    "every action of a service": [
      policy({ Action: ["s3:GetObject", "iam:*"], Resource: one }),
      /a statement permits the action iam:\*/,
    ],
    "every action but some": [policy({ NotAction: "iam:*", Resource: one }), /permits NotAction/],
    "every thing": [policy({ Action: "s3:DeleteObject", Resource: "*" }), /permits every resource/],
    "every thing but some": [
      policy({ Action: "s3:GetObject", NotResource: one, Resource: one }),
      /permits NotResource/,
    ],
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
      ].map((Action) => [`every thing that ${Action} reads`, [policy({ Action, Resource: "*" }), /every resource/]]),
    ),
    "looking at everything, and deleting it": [
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
    everybody: [policy({ Action: "s3:GetObject", Resource: one, Principal: { AWS: "*" } }), /permits everybody/],
    "everybody but some": [
      policy({ Action: "s3:GetObject", Resource: one, NotPrincipal: { AWS: "1" } }),
      /NotPrincipal/,
    ],
    "a key for another service": [
      aws("kms/key:Key", {
        policy: JSON.stringify({
          Statement: { Effect: "Allow", Action: "kms:*", Resource: "*", Principal: { Service: "s3.amazonaws.com" } },
        }),
      }),
      /permits the action kms:\*/,
    ],
    "a policy inside a role": [
      aws("iam/role:Role", {
        inlinePolicies: [{ policy: JSON.stringify({ Statement: [{ Effect: "Allow", Action: "*", Resource: one }] }) }],
      }),
      /permits the action \*/,
    ],
    "an administrator": [
      aws("iam/role:Role", { managedPolicyArns: ["arn:aws:iam::aws:policy/AdministratorAccess"] }),
      /AdministratorAccess permits everything/,
    ],
    "all of a service": [
      aws("iam/rolePolicyAttachment:RolePolicyAttachment", { policyArn: "arn:aws:iam::aws:policy/AmazonS3FullAccess" }),
      /AmazonS3FullAccess permits everything/,
    ],
  },
});
