import { resourceRule } from "./rule.ts";

/** Grants to everybody: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl */
const publicAcl = /^(public-read|public-read-write|authenticated-read|website)$/;
const everybody = /groups\/global\/(AllUsers|AuthenticatedUsers)$/;

export const publicBucket = resourceRule(
  {
    id: "public-bucket",
    level: "mandatory",
    reason: "A bucket that is open to all is found by those who search for them.",
    remedy: "leave the acl private, and block public access; let a service of its own hand out what is meant for all",
  },
  ({ type, props }) => {
    if (!/^aws:s3\//.test(type)) return [];
    const found: string[] = [];
    if (publicAcl.test(String(props.acl))) found.push(`its acl is ${props.acl}`);
    if (
      JSON.stringify(props.accessControlPolicy ?? props.grants ?? [])
        .split('"')
        .some((uri) => everybody.test(uri))
    )
      found.push("it grants access to everybody");
    if (/PublicAccessBlock$/.test(type))
      for (const field of ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"])
        if (props[field] !== true) found.push(`${field} is not true`);
    return found;
  },
);
