import { openApiServer, openSecurityGroup } from "../../policy/open-network.ts";
import { unknown } from "../../policy/unknown-values.ts";
import { type Judged, judges } from "./rule-tests.ts";

const aws = (type: string, props: object): Judged => ({ type: `aws:${type}`, props });
const group = (rule: object) => aws("ec2/securityGroup:SecurityGroup", { ingress: [rule] });
const single = "vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const either = "ec2/securityGroupRule:SecurityGroupRule";

judges(openSecurityGroup, {
  passes: {
    "addresses that are named": group({ cidrBlocks: ["10.0.0.0/16"] }),
    "another group": group({ securityGroups: ["sg-1"] }),
    "the way out": aws(either, { type: "egress", cidrBlocks: ["0.0.0.0/0"] }),
    "the way out of a group": aws("ec2/securityGroup:SecurityGroup", { egress: [{ cidrBlocks: ["0.0.0.0/0"] }] }),
    "what is not Amazon's": { type: "other:index:SecurityGroup", props: { ingress: [{ cidrBlocks: ["0.0.0.0/0"] }] } },
  },
  fails: {
    "all addresses": [group({ fromPort: 22, cidrBlocks: ["0.0.0.0/0"] }), /it lets everybody in, from port 22 on/],
    "all new addresses": [group({ ipv6CidrBlocks: ["::/0"] }), /it lets everybody in/],
    "a rule by itself": [aws(single, { cidrIpv4: "0.0.0.0/0", fromPort: 443 }), /from port 443 on/],
    "an older rule by itself": [aws(either, { type: "ingress", cidrBlocks: ["0.0.0.0/0"] }), /it lets everybody in/],
  },
});

const cluster = (vpcConfig?: object) => aws("eks/cluster:Cluster", { vpcConfig });

judges(openApiServer, {
  passes: {
    "an API inside": cluster({ endpointPublicAccess: false }),
    "an API for addresses that are named": cluster({
      endpointPublicAccess: true,
      publicAccessCidrs: ["203.0.113.0/24"],
    }),
    "addresses that are not known yet": cluster({ publicAccessCidrs: unknown }),
    "what is no cluster": aws("ec2/vpc:Vpc", {}),
  },
  fails: {
    "all addresses": [
      cluster({ publicAccessCidrs: ["203.0.113.0/24", "0.0.0.0/0"] }),
      /reached from the whole internet/,
    ],
    "none named": [cluster({ endpointPublicAccess: true }), /reached from the whole internet/],
    "nothing said": [cluster(), /reached from the whole internet/],
  },
});
