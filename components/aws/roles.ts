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
 * What a cluster's own role needs on top of Amazon's policies to put our tags on volumes and load balancers: those of its
 * own cluster alone (https://docs.aws.amazon.com/eks/latest/userguide/auto-learn-iam.html#tag-prop).
 */
export const taggingPolicy: PolicyDocument = {
  Version: "2012-10-17",
  Statement: [
    {
      Sid: "Storage",
      Effect: "Allow",
      Action: ["ec2:CreateVolume", "ec2:CreateSnapshot"],
      Resource: ["arn:aws:ec2:*:*:volume/*", "arn:aws:ec2:*:*:snapshot/*"],
      Condition: ofItsOwnCluster(),
    },
    {
      Sid: "LoadBalancer",
      Effect: "Allow",
      Action: [
        "ec2:CreateSecurityGroup",
        "elasticloadbalancing:CreateListener",
        "elasticloadbalancing:CreateLoadBalancer",
        "elasticloadbalancing:CreateRule",
        "elasticloadbalancing:CreateTargetGroup",
      ],
      Resource: "*",
      Condition: ofItsOwnCluster(),
    },
  ],
};

function ofItsOwnCluster(): object {
  const tag = "eks:eks-cluster-name";
  return { StringEquals: { [`aws:RequestTag/${tag}`]: `\${aws:PrincipalTag/${tag}}` } };
}
