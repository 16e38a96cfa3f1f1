import { publicBucket } from "../../policy/public-storage.ts";
import { type Judged, judges } from "./rule-tests.ts";

const s3 = (type: string, props: object): Judged => ({ type: `aws:s3/${type}`, props });
const blocked = { blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true };
const everybody = "http://acs.amazonaws.com/groups/global/AllUsers";
const block = "bucketPublicAccessBlock:BucketPublicAccessBlock";

judges(publicBucket, {
  passes: {
    "a bucket of which nothing is said": s3("bucket:Bucket", {}),
    "a private one": s3("bucketAcl:BucketAcl", { acl: "private" }),
    "one that is closed to the public": s3(block, blocked),
    "what is no bucket": { type: "aws:other/thing:Thing", props: { acl: "public-read" } },
  },
  fails: {
    "a bucket that everybody reads": [s3("bucket:Bucket", { acl: "public-read" }), /its acl is public-read/],
    "one that everybody with an account reads": [
      s3("bucketAcl:BucketAcl", { acl: "authenticated-read" }),
      /its acl is auth/,
    ],
    "a grant to everybody": [
      s3("bucketAcl:BucketAcl", { accessControlPolicy: { grants: [{ grantee: { uri: everybody } }] } }),
      /it grants access to everybody/,
    ],
    "one that is opened": [
      s3(block, { ...blocked, restrictPublicBuckets: false }),
      /restrictPublicBuckets is not true/,
    ],
  },
});
