import { type Props, resourceRule } from "./rule.ts";
import { list, unknown } from "./unknown-values.ts";

const everywhere = ["0.0.0.0/0", "::/0"];

/** Whether addresses, in whatever fields a rule has them, are all there are. */
const open = (rule: Props): boolean =>
  [rule.cidrBlocks, rule.ipv6CidrBlocks, rule.cidrIpv4, rule.cidrIpv6].flat().some((each) => everywhere.includes(each));

export const openSecurityGroup = resourceRule(
  {
    id: "open-security-group",
    level: "mandatory",
    reason: "Nodes and databases are reached by their own network alone; the way in for people is the load balancer's.",
    remedy: "name the addresses or the security group that may connect",
  },
  ({ type, props }) => {
    const inbound = /SecurityGroup$/.test(type)
      ? list(props.ingress)
      : /SecurityGroupIngressRule$/.test(type) || (/SecurityGroupRule$/.test(type) && props.type === "ingress")
        ? [props]
        : [];
    return type.startsWith("aws:")
      ? inbound
          .filter(open)
          .map(({ fromPort }) => `it lets everybody in${fromPort === undefined ? "" : `, from port ${fromPort} on`}`)
      : [];
  },
);

export const openApiServer = resourceRule(
  {
    id: "open-api-server",
    level: "mandatory",
    reason: "Whoever reaches the cluster's API can try every password and every hole in it.",
    remedy:
      "name the addresses in slipway:cluster.eks.accessFrom, or leave it out: then only its own network reaches it",
  },
  ({ type, props }) => {
    if (type !== "aws:eks/cluster:Cluster") return [];
    const { endpointPublicAccess = true, publicAccessCidrs } = props.vpcConfig ?? {};
    if (endpointPublicAccess === false || publicAccessCidrs === unknown) return [];
    const from = list(publicAccessCidrs);
    return from.length === 0 || from.some((each) => everywhere.includes(each))
      ? ["its API is reached from the whole internet"]
      : [];
  },
);
