import * as iam from "@pulumi/aws/iam/index.js";
import type * as pulumi from "@pulumi/pulumi";

/** A policy as IAM reads it. */
export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly object[];
}

/** Lets a service of Amazon's take a role, for things of one account alone where the service says whose they are. */
export const trustIn = (service: string, account?: string, tagged = false): PolicyDocument => ({
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Principal: { Service: `${service}.amazonaws.com` },
      Action: tagged ? ["sts:AssumeRole", "sts:TagSession"] : ["sts:AssumeRole"],
      ...(account && { Condition: { StringEquals: { "aws:SourceAccount": account } } }),
    },
  ],
});

/** A role for a service of Amazon's, with policies that Amazon keeps. The path tells it from roles of people. */
export function serviceRole(
  name: string,
  args: { readonly trust: PolicyDocument; readonly policies: readonly string[] },
  opts: pulumi.CustomResourceOptions,
): { readonly role: iam.Role; readonly attached: iam.RolePolicyAttachment[] } {
  const role = new iam.Role(name, { path: rolePath, assumeRolePolicy: JSON.stringify(args.trust) }, opts);
  const attached = args.policies.map(
    (policy) =>
      new iam.RolePolicyAttachment(
        `${name}-${policy.split("/").at(-1)}`,
        { role: role.name, policyArn: `arn:aws:iam::aws:policy/${policy}` },
        opts,
      ),
  );
  return { role, attached };
}

/** Where IAM keeps the program's roles; whoever deploys may touch no others. */
export const rolePath = "/slipway/";

/**
 * ARN of what lets a cluster put our tags on its own volumes and load balancers; Amazon's policies do not. It comes with
 * cloud/deploy-role.yaml: whoever deploys can't write policies, since that would be a way to any permission.
 */
export const tagsPolicy = (account: string): string => `arn:aws:iam::${account}:policy${rolePath}cluster-tags`;
