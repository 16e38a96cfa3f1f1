import { same, statement, sub, type TemplatePromise, testPromises, useOfKey } from "./templates.ts";

const bucket = { "Fn::GetAtt": ["Bucket", "Arn"] };
const account = { AWS: sub(`arn:aws:iam::\${AWS::AccountId}:root`) };
const assumedRole = (role: string) => ({
  Effect: "Allow",
  Principal: { AWS: { Ref: "Accounts" } },
  Condition: { ArnLike: { "aws:PrincipalArn": `arn:aws:iam::*:role/${role}` } },
});
const deployRole = assumedRole("slipway-deploy");
const previewRole = assumedRole("slipway-preview");

const promises: TemplatePromise[] = [
  [
    "is never public, and belongs only to the bucket's account",
    ({ Bucket: { Properties } }) =>
      same(Properties.PublicAccessBlockConfiguration, {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      }) && same(Properties.OwnershipControls, { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] }),
    ({ Bucket }) => (Bucket.Properties.PublicAccessBlockConfiguration.RestrictPublicBuckets = false),
    ({ Bucket }) => (Bucket.Properties.OwnershipControls.Rules[0].ObjectOwnership = "ObjectWriter"),
  ],
  [
    "keeps every version for a year, has a fixed name, and is retained if the template is deleted",
    ({ Bucket: { Properties, ...policies } }) =>
      same(Properties.BucketName, sub(`slipway-state-\${AWS::AccountId}-\${AWS::Region}`)) &&
      Properties.VersioningConfiguration.Status === "Enabled" &&
      policies.DeletionPolicy === "Retain" &&
      policies.UpdateReplacePolicy === "Retain" &&
      same(Properties.LifecycleConfiguration.Rules, [
        { Id: "old-states", Status: "Enabled", NoncurrentVersionExpiration: { NoncurrentDays: 365 } },
      ]),
    ({ Bucket }) => (Bucket.Properties.VersioningConfiguration.Status = "Suspended"),
    ({ Bucket }) => (Bucket.UpdateReplacePolicy = "Delete"),
    ({ Bucket }) => (Bucket.Properties.LifecycleConfiguration.Rules[0].NoncurrentVersionExpiration.NoncurrentDays = 1),
  ],
  [
    "is encrypted with its own key, which rotates, and is retained if the template is deleted",
    ({ Bucket, Key: { Properties, ...policies } }) => {
      const [{ ServerSideEncryptionByDefault: by, BucketKeyEnabled }] =
        Bucket.Properties.BucketEncryption.ServerSideEncryptionConfiguration;
      return (
        BucketKeyEnabled && // one request to KMS for many objects
        same(by, { SSEAlgorithm: "aws:kms", KMSMasterKeyID: { "Fn::GetAtt": ["Key", "Arn"] } }) &&
        Properties.EnableKeyRotation &&
        Properties.PendingWindowInDays === 30 &&
        policies.DeletionPolicy === "Retain" &&
        policies.UpdateReplacePolicy === "Retain"
      );
    },
    ({ Key }) => (Key.DeletionPolicy = "Delete"),
    ({ Bucket }) => {
      const [{ ServerSideEncryptionByDefault: by }] =
        Bucket.Properties.BucketEncryption.ServerSideEncryptionConfiguration;
      by.SSEAlgorithm = "AES256";
    },
  ],
  [
    "lets deploy roles use the key, preview roles only decrypt, and its account govern it",
    ({ Key }) =>
      same(Key.Properties.KeyPolicy.Statement, [
        { Sid: "LeftToThePoliciesOfTheAccount", Effect: "Allow", Principal: account, Action: "kms:*", Resource: "*" },
        { Sid: "UsedByThoseWhoDeploy", ...deployRole, Action: useOfKey, Resource: "*" },
        { Sid: "ReadByThosePreviewing", ...previewRole, Action: "kms:Decrypt", Resource: "*" },
      ]),
    ({ Key }) => (Key.Properties.KeyPolicy.Statement[0].Principal = "*"),
    ({ Key }) => (Key.Properties.KeyPolicy.Statement[1].Action = "kms:*"),
    ({ Key }) => (Key.Properties.KeyPolicy.Statement[1].Condition = undefined),
  ],
  [
    "refuses connections without TLS, and gives other accounts access only by deploy roles, and by preview roles to read",
    ({ BucketPolicy: { Properties } }) =>
      same(Properties.Bucket, { Ref: "Bucket" }) &&
      same(Properties.PolicyDocument.Statement, [
        {
          Sid: "NothingInTheClear",
          Effect: "Deny",
          Principal: "*",
          Action: "s3:*",
          Resource: [bucket, sub(`\${Bucket.Arn}/*`)],
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
        {
          Sid: "UsedByThoseWhoDeploy",
          ...deployRole,
          Action: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
          Resource: [sub(`\${Bucket.Arn}/*`)],
        },
        { Sid: "ListedByThoseWhoDeploy", ...deployRole, Action: "s3:ListBucket", Resource: [bucket] },
        {
          Sid: "ReadByThosePreviewing",
          ...previewRole,
          Action: ["s3:GetObject", "s3:ListBucket"],
          Resource: [bucket, sub(`\${Bucket.Arn}/*`)],
        },
      ]),
    (all) => (statement(all, "NothingInTheClear").Condition.Bool["aws:SecureTransport"] = "true"),
    ({ BucketPolicy }) => (BucketPolicy.Properties.PolicyDocument.Statement[1].Principal = "*"),
    ({ BucketPolicy }) => BucketPolicy.Properties.PolicyDocument.Statement[1].Action.push("s3:PutBucketPolicy"),
  ],
];

describe("The bucket of the state", () => testPromises("state", promises));
