import { keeps, type Promised, same, statement, sub, useOfKey } from "./templates.ts";

const bucket = { "Fn::GetAtt": ["Bucket", "Arn"] };
const account = { AWS: sub(`arn:aws:iam::\${AWS::AccountId}:root`) };
const whoIs = (role: string) => ({
  Effect: "Allow",
  Principal: { AWS: { Ref: "Accounts" } },
  Condition: { ArnLike: { "aws:PrincipalArn": `arn:aws:iam::*:role/${role}` } },
});
const whoDeploys = whoIs("slipway-deploy");
const whoPreviews = whoIs("slipway-preview");

const promises: Promised[] = [
  [
    "the state is never public, and belongs to the bucket's account alone",
    ({ Bucket: { Properties } }) =>
      same(Properties.PublicAccessBlockConfiguration, {
        ...{ BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
      }) && same(Properties.OwnershipControls, { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] }),
    ({ Bucket }) => {
      Bucket.Properties.PublicAccessBlockConfiguration.RestrictPublicBuckets = false;
    },
    ({ Bucket }) => {
      Bucket.Properties.OwnershipControls.Rules[0].ObjectOwnership = "ObjectWriter";
    },
  ],
  [
    "every version of the state can be had again for a year, by a name that is known, and it stays when the template goes",
    ({ Bucket: { Properties, ...policies } }) =>
      same(Properties.BucketName, sub(`slipway-state-\${AWS::AccountId}-\${AWS::Region}`)) &&
      Properties.VersioningConfiguration.Status === "Enabled" &&
      policies.DeletionPolicy === "Retain" &&
      policies.UpdateReplacePolicy === "Retain" &&
      same(Properties.LifecycleConfiguration.Rules, [
        { Id: "old-states", Status: "Enabled", NoncurrentVersionExpiration: { NoncurrentDays: 365 } },
      ]),
    ({ Bucket }) => {
      Bucket.Properties.VersioningConfiguration.Status = "Suspended";
    },
    ({ Bucket }) => {
      Bucket.UpdateReplacePolicy = "Delete";
    },
    ({ Bucket }) => {
      Bucket.Properties.LifecycleConfiguration.Rules[0].NoncurrentVersionExpiration.NoncurrentDays = 1;
    },
  ],
  [
    "the state is encrypted with its own key, which is renewed and cannot be lost with the template",
    ({ Bucket, Key: { Properties, ...policies } }) => {
      const [{ ServerSideEncryptionByDefault: by, BucketKeyEnabled }] =
        Bucket.Properties.BucketEncryption.ServerSideEncryptionConfiguration;
      return (
        BucketKeyEnabled && // one question to KMS for many objects
        same(by, { SSEAlgorithm: "aws:kms", KMSMasterKeyID: { "Fn::GetAtt": ["Key", "Arn"] } }) &&
        Properties.EnableKeyRotation &&
        Properties.PendingWindowInDays === 30 &&
        policies.DeletionPolicy === "Retain" &&
        policies.UpdateReplacePolicy === "Retain"
      );
    },
    ({ Key }) => {
      Key.DeletionPolicy = "Delete";
    },
    ({ Bucket }) => {
      const [{ ServerSideEncryptionByDefault: by }] =
        Bucket.Properties.BucketEncryption.ServerSideEncryptionConfiguration;
      by.SSEAlgorithm = "AES256";
    },
  ],
  [
    "the key is used by who deploys, opens what others preview, and is governed by its own account",
    ({ Key }) =>
      same(Key.Properties.KeyPolicy.Statement, [
        { Sid: "LeftToThePoliciesOfTheAccount", Effect: "Allow", Principal: account, Action: "kms:*", Resource: "*" },
        { Sid: "UsedByThoseWhoDeploy", ...whoDeploys, Action: useOfKey, Resource: "*" },
        { Sid: "ReadByThosePreviewing", ...whoPreviews, Action: "kms:Decrypt", Resource: "*" },
      ]),
    ({ Key }) => {
      Key.Properties.KeyPolicy.Statement[0].Principal = "*";
    },
    ({ Key }) => {
      Key.Properties.KeyPolicy.Statement[1].Action = "kms:*";
    },
    ({ Key }) => {
      Key.Properties.KeyPolicy.Statement[1].Condition = undefined;
    },
  ],
  [
    "nobody speaks to the state in the clear, and of other accounts only the roles that deploy and preview, the latter to read it",
    ({ BucketPolicy: { Properties } }) =>
      same(Properties.Bucket, { Ref: "Bucket" }) &&
      same(Properties.PolicyDocument.Statement, [
        {
          ...{ Sid: "NothingInTheClear", Effect: "Deny", Principal: "*", Action: "s3:*" },
          Resource: [bucket, sub(`\${Bucket.Arn}/*`)],
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
        {
          Sid: "UsedByThoseWhoDeploy",
          ...whoDeploys,
          Action: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
          Resource: [sub(`\${Bucket.Arn}/*`)],
        },
        { Sid: "ListedByThoseWhoDeploy", ...whoDeploys, Action: "s3:ListBucket", Resource: [bucket] },
        {
          Sid: "ReadByThosePreviewing",
          ...whoPreviews,
          Action: ["s3:GetObject", "s3:ListBucket"],
          Resource: [bucket, sub(`\${Bucket.Arn}/*`)],
        },
      ]),
    (all) => {
      statement(all, "NothingInTheClear").Condition.Bool["aws:SecureTransport"] = "true";
    },
    ({ BucketPolicy }) => {
      BucketPolicy.Properties.PolicyDocument.Statement[1].Principal = "*";
    },
    ({ BucketPolicy }) => {
      BucketPolicy.Properties.PolicyDocument.Statement[1].Action.push("s3:PutBucketPolicy");
    },
  ],
];

describe("The place of the state", () => keeps("state", promises));
