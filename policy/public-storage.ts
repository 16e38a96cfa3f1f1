import { resourceRule } from "./rule.ts";

/** Grants to everybody: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl */
const publicAcl = /^(public-read|public-read-write|authenticated-read|website)$/;
const everybody = /groups\/global\/(AllUsers|AuthenticatedUsers)$/;

export const publicBucket = resourceRule(
  {
    id: "public-bucket",
    reason: "Attackers search for public buckets, and find them.",
    remedy: "leave the acl private, and block public access; serve public files by a service of their own",
  },
  ({ type, props }) => {
    if (!/^aws:s3\//.test(type)) return [];
    const problems: string[] = [];
    if (publicAcl.test(String(props.acl))) problems.push(`its acl is ${props.acl}`);
    if (
      JSON.stringify(props.accessControlPolicy ?? props.grants ?? [])
        .split('"')
        .some((uri) => everybody.test(uri))
    )
      problems.push("it grants access to everybody");
    if (/PublicAccessBlock$/.test(type))
      for (const field of ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"])
        if (props[field] !== true) problems.push(`${field} is not true`);
    return problems;
  },
);
