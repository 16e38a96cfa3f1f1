import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parse } from "yaml";

// biome-ignore lint/suspicious/noExplicitAny: templates, edited at places that each test knows
type Anything = any;

const template = (name: string): Anything => parse(readFileSync(`cloud/${name}.yaml`, "utf8")).Resources;
const list = (value: Anything): string[] => [value].flat();

/** Every statement of the policies of who deploys. */
const granted = (role: Anything): Anything[] =>
  Object.values<Anything>(role)
    .filter(({ Type }) => Type === "AWS::IAM::RolePolicy")
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);

const statement = (resources: Anything, sid: string): Anything =>
  Object.values<Anything>(resources)
    .flatMap(({ Properties: { PolicyDocument, KeyPolicy } }) => (PolicyDocument ?? KeyPolicy)?.Statement ?? [])
    .find(({ Sid }) => Sid === sid);

/** What changes nothing of it. */
const reading = ["kms:Decrypt", "s3:GetObject", "s3:ListBucket"];

/** A promise about a template, and an edit that breaks it. */
type Promised = [promise: string, file: string, holds: (all: Anything) => boolean, breaks: (all: Anything) => void];

const deploys = { ArnLike: { "aws:PrincipalArn": "arn:aws:iam::*:role/slipway-deploy" } };
const previews = { ArnLike: { "aws:PrincipalArn": "arn:aws:iam::*:role/slipway-preview" } };
const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

const promises: Promised[] = [
  [
    "the state is never public",
    "state",
    ({ Bucket }) => Object.values(Bucket.Properties.PublicAccessBlockConfiguration).filter(Boolean).length === 4,
    ({ Bucket }) => {
      Bucket.Properties.PublicAccessBlockConfiguration.RestrictPublicBuckets = false;
    },
  ],
  [
    "every version of the state can be had again",
    "state",
    ({ Bucket }) =>
      Bucket.Properties.VersioningConfiguration.Status === "Enabled" && Bucket.DeletionPolicy === "Retain",
    ({ Bucket }) => {
      Bucket.Properties.VersioningConfiguration.Status = "Suspended";
    },
  ],
  [
    "the state is encrypted with its own key, which is renewed and cannot be lost with the template",
    "state",
    ({ Bucket, Key }) => {
      const [rule] = Bucket.Properties.BucketEncryption.ServerSideEncryptionConfiguration;
      const own = same(rule.ServerSideEncryptionByDefault.KMSMasterKeyID, { "Fn::GetAtt": ["Key", "Arn"] });
      return own && Key.Properties.EnableKeyRotation && Key.DeletionPolicy === "Retain";
    },
    ({ Key }) => {
      Key.DeletionPolicy = "Delete";
    },
  ],
  [
    "nobody speaks to the state in the clear",
    "state",
    (all) => {
      const { Effect, Principal, Condition } = statement(all, "NothingInTheClear") ?? {};
      return Effect === "Deny" && Principal === "*" && Condition.Bool["aws:SecureTransport"] === "false";
    },
    (all) => {
      statement(all, "NothingInTheClear").Condition.Bool["aws:SecureTransport"] = "true";
    },
  ],
  [
    "other accounts change the state by the role that deploys alone, and read it by the one that previews besides",
    "state",
    ({ Key, BucketPolicy }) =>
      [...Key.Properties.KeyPolicy.Statement, ...BucketPolicy.Properties.PolicyDocument.Statement]
        .filter(({ Effect, Principal }) => Effect === "Allow" && same(Principal, { AWS: { Ref: "Accounts" } }))
        .every(
          ({ Condition, Action }) =>
            same(Condition, deploys) ||
            (same(Condition, previews) && list(Action).every((action) => reading.includes(action))),
        ),
    (all) => {
      statement(all, "ReadByThosePreviewing").Action = ["kms:Decrypt", "kms:Encrypt"];
    },
  ],
  [
    "one environment of one repository takes the role, and nobody else",
    "deploy-role",
    ({ Role }) => {
      const { Statement } = Role.Properties.AssumeRolePolicyDocument;
      const wanted = {
        StringEquals: {
          "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
          "token.actions.githubusercontent.com:sub": {
            "Fn::Sub": `repo:\${Repository}:environment:\${Environment}`,
          },
        },
      };
      return Statement.length === 1 && same(Statement[0].Condition, wanted);
    },
    ({ Role }) => {
      const [{ Condition }] = Role.Properties.AssumeRolePolicyDocument.Statement;
      Condition.StringEquals["token.actions.githubusercontent.com:sub"] = "repo:team/*";
    },
  ],
  [
    "no role gets a policy that is not in the list",
    "deploy-role",
    (all) => {
      const { Condition } = statement(all, "WithThesePoliciesAlone");
      const arns = Condition?.ArnEquals["iam:PolicyARN"] ?? ["*"];
      return arns.every((arn: Anything) => typeof arn !== "string" || !/\*|AdministratorAccess|PowerUser/.test(arn));
    },
    (all) => {
      statement(all, "WithThesePoliciesAlone").Condition = undefined;
    },
  ],
  [
    "roles are touched in the program's own folder alone, and handed to three services",
    "deploy-role",
    (all) =>
      granted(all)
        .filter(({ Action }) =>
          list(Action).some((action) => /^iam:(PassRole|(Create|Delete|Attach\w*)Role)/.test(action)),
        )
        .every(({ Resource }) => Resource["Fn::Sub"]?.endsWith(":role/slipway/*")) &&
      list(statement(all, "HandedToThese").Condition?.StringEquals["iam:PassedToService"] ?? []).length === 3,
    (all) => {
      statement(all, "HandedToThese").Resource = "*";
    },
  ],
  [
    "who deploys can write no policy and no user's key, and delete no image, snapshot or volume",
    "deploy-role",
    (all) => {
      const never =
        /^(\*|[a-z0-9]+:\*|iam:(Put|CreatePolicy|CreateUser|CreateAccessKey|UpdateLogin)\w*|ecr:(Batch)?Delete\w*|ec2:Delete(Snapshot|Volume))$/;
      return granted(all).every(({ Action }) => list(Action).every((action) => !never.test(action)));
    },
    ({ Roles }) => {
      Roles.Properties.PolicyDocument.Statement[0].Action.push("iam:PutRolePolicy");
    },
  ],
  [
    "whatever has no name in the policy is only looked at, has a condition, or asks for a login",
    "deploy-role",
    (all) =>
      granted(all)
        .filter(({ Resource, Condition }) => Resource === "*" && !Condition)
        .flatMap(({ Action }) => list(Action))
        .every((action) => /:(Describe|Get|List)/.test(action)),
    (all) => {
      statement(all, "NetworkInOneRegion").Condition = undefined;
    },
  ],
  [
    "a cluster tags what is its own alone",
    "deploy-role",
    ({ ClusterTags }) =>
      ClusterTags.Properties.PolicyDocument.Statement.every(({ Condition }: Anything) =>
        same(Condition?.StringEquals, {
          "aws:RequestTag/eks:eks-cluster-name": `\${aws:PrincipalTag/eks:eks-cluster-name}`,
        }),
      ),
    ({ ClusterTags }) => {
      ClusterTags.Properties.PolicyDocument.Statement[1].Condition = undefined;
    },
  ],
];

describe("What an account is prepared with", () => {
  for (const [promise, file, holds, breaks] of promises)
    it(`promises that ${promise}, and this would see it go`, () => {
      const resources = template(file);
      assert.equal(Boolean(holds(resources)), true);
      breaks(resources);
      assert.equal(Boolean(holds(resources)), false);
    });
});
