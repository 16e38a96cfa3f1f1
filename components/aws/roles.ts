import * as iam from "@pulumi/aws/iam/index.js";
import type * as pulumi from "@pulumi/pulumi";

/** IAM policy document. */
export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly object[];
}

/**
 * Trust policy that lets an AWS service assume a role.
 *
 * @param account whose resources the service may act for, if the service says which account it acts for
 * @param tagged lets the service tag its session
 */
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

/** Creates a role for an AWS service, with policies that AWS maintains. */
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

/** IAM path of the program's roles. The deploying role may change no others. */
export const rolePath = "/slipway/";

/**
 * ARN of the policy that lets a cluster tag its own volumes and load balancers, which AWS's policies do not.
 * cloud/deploy-role.yaml creates it: a deploying role that could write policies could gain any permission.
 */
export const tagsPolicy = (account: string): string => `arn:aws:iam::${account}:policy${rolePath}cluster-tags`;

/** AWS's policies for the control plane of a cluster in Auto Mode. */
export const controlPolicies = [
  "AmazonEKSBlockStoragePolicy",
  "AmazonEKSClusterPolicy",
  "AmazonEKSComputePolicy",
  "AmazonEKSLoadBalancingPolicy",
  "AmazonEKSNetworkingPolicy",
];

/** AWS's policies for nodes, to join the cluster and pull images. A pod's permissions come from a role of its own. */
export const nodePolicies = ["AmazonEC2ContainerRegistryPullOnly", "AmazonEKSWorkerNodeMinimalPolicy"];
