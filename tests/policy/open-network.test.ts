import { openApiServer, openSecurityGroup } from "../../policy/open-network.ts";
import { unknown } from "../../policy/unknown-values.ts";
import { describeRule, type TestResource } from "./rule-tests.ts";

const aws = (type: string, props: object): TestResource => ({ type: `aws:${type}`, props });
const group = (rule: object) => aws("ec2/securityGroup:SecurityGroup", { ingress: [rule] });
const single = "vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const either = "ec2/securityGroupRule:SecurityGroupRule";

describeRule(openSecurityGroup, {
  accepts: {
    "given addresses": group({ cidrBlocks: ["10.0.0.0/16"] }),
    "another group": group({ securityGroups: ["sg-1"] }),
    "an outgoing rule": aws(either, { type: "egress", cidrBlocks: ["0.0.0.0/0"] }),
    "an outgoing rule of a group": aws("ec2/securityGroup:SecurityGroup", { egress: [{ cidrBlocks: ["0.0.0.0/0"] }] }),
    "a resource outside AWS": {
      type: "other:index:SecurityGroup",
      props: { ingress: [{ cidrBlocks: ["0.0.0.0/0"] }] },
    },
  },
  refuses: {
    "all IPv4 addresses": [
      group({ fromPort: 22, cidrBlocks: ["0.0.0.0/0"] }),
      /it allows all addresses, from port 22 on/,
    ],
    "all IPv6 addresses": [group({ ipv6CidrBlocks: ["::/0"] }), /it allows all addresses/],
    "a separate rule": [aws(single, { cidrIpv4: "0.0.0.0/0", fromPort: 443 }), /from port 443 on/],
    "a separate rule of the older type": [
      aws(either, { type: "ingress", cidrBlocks: ["0.0.0.0/0"] }),
      /it allows all addresses/,
    ],
  },
});

const cluster = (vpcConfig?: object) => aws("eks/cluster:Cluster", { vpcConfig });

describeRule(openApiServer, {
  accepts: {
    "a private API": cluster({ endpointPublicAccess: false }),
    "an API for given addresses": cluster({
      endpointPublicAccess: true,
      publicAccessCidrs: ["203.0.113.0/24"],
    }),
    "unknown addresses": cluster({ publicAccessCidrs: unknown }),
    "another resource": aws("ec2/vpc:Vpc", {}),
  },
  refuses: {
    "an API for all addresses": [
      cluster({ publicAccessCidrs: ["203.0.113.0/24", "0.0.0.0/0"] }),
      /open to the internet/,
    ],
    "a public API without addresses": [cluster({ endpointPublicAccess: true }), /open to the internet/],
    "a cluster without network settings": [cluster(), /open to the internet/],
  },
});
