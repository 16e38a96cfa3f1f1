import { type Props, resourceRule } from "./rule.ts";
import { list, unknown } from "./unknown-values.ts";

const everywhere = ["0.0.0.0/0", "::/0"];

/** Whether a rule allows all addresses. */
const isOpen = (rule: Props): boolean =>
  [rule.cidrBlocks, rule.ipv6CidrBlocks, rule.cidrIpv4, rule.cidrIpv6].flat().some((each) => everywhere.includes(each));

export const openSecurityGroup = resourceRule(
  {
    id: "open-security-group",
    reason: "Only their own network may reach nodes and databases; people connect to the load balancer.",
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
          .filter(isOpen)
          .map(({ fromPort }) => `it allows all addresses${fromPort === undefined ? "" : `, from port ${fromPort} on`}`)
      : [];
  },
);

export const openApiServer = resourceRule(
  {
    id: "open-api-server",
    reason: "Whoever reaches the cluster's API can try every credential and exploit in it.",
    remedy:
      "name the addresses in slipway:cluster.eks.accessFrom, or leave it out, so that only its own network reaches it",
  },
  ({ type, props }) => {
    if (type !== "aws:eks/cluster:Cluster") return [];
    const { endpointPublicAccess = true, publicAccessCidrs } = props.vpcConfig ?? {};
    if (endpointPublicAccess === false || publicAccessCidrs === unknown) return [];
    const from = list(publicAccessCidrs);
    return from.length === 0 || from.some((each) => everywhere.includes(each))
      ? ["its API is open to the internet"]
      : [];
  },
);
