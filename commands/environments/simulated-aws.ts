import { ecrAddress } from "../../settings/ecr-address.ts";
import type { StackFile } from "../../settings/stack-files.ts";
import { digest } from "./capture-resources.ts";

/** Simulated answers of AWS for an account that is set up as a stack's settings describe. */
export function simulatedAws({
  config,
}: Pick<StackFile, "config">): Record<
  string,
  (inputs: { name?: string; domainName?: string; vpcConfig?: object; assumeRolePolicy?: string }) => object
> {
  const { eks } = config["slipway:cluster"] ?? {};
  const accountId = eks?.account ?? ecrAddress(config["slipway:release"]?.repository ?? "")?.account;
  const zones: string[] = eks?.zones ?? ["a", "b", "c"].map((letter) => `${config["aws:region"]}${letter}`);
  return {
    "aws:index/getCallerIdentity:getCallerIdentity": () => ({
      accountId,
      arn: eks?.admins?.[0] ?? `arn:aws:iam::${accountId}:role/deploy`,
    }),
    "aws:index/getAvailabilityZones:getAvailabilityZones": () => ({ names: zones }),
    "aws:route53/getZone:getZone": ({ name }) => ({ zoneId: `zone-of-${name}` }),
    "aws:eks/getClusters:getClusters": () => ({ names: [] }),
    "aws:eks/getCluster:getCluster": ({ name }) => simulatedCluster(name),
    "aws:ecr/getAuthorizationToken:getAuthorizationToken": () => ({ userName: "AWS", password: "token-of-the-day" }),
    "aws:ecr/getImage:getImage": () => ({ imageDigest: digest }),
    "aws:lb/getHostedZoneId:getHostedZoneId": () => ({ id: "zone-of-load-balancers" }),
    "aws:iam/role:Role": ({ assumeRolePolicy = "{}" }) => ({ name: `role-of-${principalOf(assumeRolePolicy)}` }),
    "aws:eks/cluster:Cluster": ({ name, vpcConfig }) => ({
      ...simulatedCluster(name),
      certificateAuthority: { data: certificate },
      vpcConfig: { ...vpcConfig, clusterSecurityGroupId: "group-of-nodes" },
    }),
    "aws:acm/certificate:Certificate": ({ domainName }) => ({
      domainValidationOptions: [
        {
          resourceRecordName: `_proof.${domainName}`,
          resourceRecordType: "CNAME",
          resourceRecordValue: "_proof.acm-validations.aws",
        },
      ],
    }),
    "kubernetes:networking.k8s.io/v1:Ingress": () => ({
      status: { loadBalancer: { ingress: [{ hostname: "load-balancer.elb.amazonaws.com" }] } },
    }),
  };
}

/** Service that may assume a role, as in `ec2`. */
const principalOf = (trust: string): string => /"Service":"(\w+)/.exec(trust)?.[1] ?? "nobody";

const certificate = "Y2VydGlmaWNhdGU=";

const simulatedCluster = (name = "") => ({
  arn: `arn:aws:eks:eu-north-1:111122223333:cluster/${name}`,
  endpoint: `https://${name}.eks.amazonaws.com`,
  tags: {},
  certificateAuthorities: [{ data: certificate }],
  kubernetesNetworkConfigs: [{ serviceIpv4Cidr: "172.20.0.0/16" }],
});
