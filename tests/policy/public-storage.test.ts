import { publicBucket } from "../../policy/public-storage.ts";
import { describeRule, type TestResource } from "./rule-tests.ts";

const s3 = (type: string, props: object): TestResource => ({ type: `aws:s3/${type}`, props });
const blocked = { blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true };
const everybody = "http://acs.amazonaws.com/groups/global/AllUsers";
const block = "bucketPublicAccessBlock:BucketPublicAccessBlock";

describeRule(publicBucket, {
  accepts: {
    "a bucket without acl": s3("bucket:Bucket", {}),
    "a private bucket": s3("bucketAcl:BucketAcl", { acl: "private" }),
    "a bucket with blocked public access": s3(block, blocked),
    "another resource": { type: "aws:other/thing:Thing", props: { acl: "public-read" } },
  },
  refuses: {
    "a public bucket": [s3("bucket:Bucket", { acl: "public-read" }), /its acl is public-read/],
    "a bucket for every account": [s3("bucketAcl:BucketAcl", { acl: "authenticated-read" }), /its acl is auth/],
    "a grant to everybody": [
      s3("bucketAcl:BucketAcl", { accessControlPolicy: { grants: [{ grantee: { uri: everybody } }] } }),
      /it grants access to everybody/,
    ],
    "a bucket without blocked public access": [
      s3(block, { ...blocked, restrictPublicBuckets: false }),
      /restrictPublicBuckets is not true/,
    ],
  },
});
