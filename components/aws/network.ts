import * as ec2 from "@pulumi/aws/ec2/index.js";
import * as pulumi from "@pulumi/pulumi";

/** Arguments of {@link Network}. */
export interface NetworkArgs {
  /** Address range of the network: a /16, as in `10.0.0.0/16`. */
  readonly cidr: string;
  /** Region of the network, as in `eu-north-1`. */
  readonly region: string;
  /** Names of three zones, as in `eu-north-1a`. */
  readonly zones: readonly string[];
  /** Number of NAT gateways for the nodes' outgoing traffic: one for each zone, or fewer that zones share. */
  readonly natGateways: number;
  /** Refuses to delete the network. @default false */
  readonly protect?: boolean;
}

/**
 * Network over three zones: private subnets for the nodes, which the internet cannot reach, and small public subnets for
 * load balancers and NAT gateways only.
 */
export class Network extends pulumi.ComponentResource {
  /** Private subnets, known once they can reach the internet. */
  readonly privateSubnets: pulumi.Output<string>[];

  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:index:Network", name, {}, opts);
    const { cidr, region, zones, natGateways, protect } = args;
    const child = { parent: this };

    const { id: vpcId } = new ec2.Vpc(
      name,
      { cidrBlock: cidr, enableDnsHostnames: true, enableDnsSupport: true, tags: nameTag("network") },
      { parent: this, protect },
    );
    // Resources that name no security group get this one: it allows nothing in and nothing out.
    new ec2.DefaultSecurityGroup(`${name}-closed`, { vpcId, ingress: [], egress: [] }, child);
    const gateway = new ec2.InternetGateway(`${name}-internet`, { vpcId, tags: nameTag("internet") }, child);
    const internet = { cidrBlock: "0.0.0.0/0" };
    const publicRoutes = new ec2.RouteTable(
      `${name}-public`,
      { vpcId, routes: [{ ...internet, gatewayId: gateway.id }], tags: nameTag("public") },
      child,
    );

    const subnet = (kind: "public" | "private", index: number, zone: string) =>
      new ec2.Subnet(
        `${name}-${kind}-${index}`,
        {
          vpcId,
          availabilityZone: zone,
          cidrBlock: subnetOf(cidr, kind, index),
          mapPublicIpOnLaunch: false,
          // EKS finds the subnets for its load balancers by these tags.
          tags: {
            ...nameTag(`${kind}-${index}`),
            [`kubernetes.io/role/${kind === "public" ? "elb" : "internal-elb"}`]: "1",
          },
        },
        child,
      );
    const nats = zones.map((zone, index) => {
      const { id: subnetId } = subnet("public", index, zone);
      const connected = new ec2.RouteTableAssociation(
        `${name}-public-${index}-connected`,
        { subnetId, routeTableId: publicRoutes.id },
        child,
      );
      if (index >= natGateways) return undefined;
      const tags = nameTag(`nat-${index}`);
      const address = new ec2.Eip(`${name}-nat-${index}`, { domain: "vpc", tags }, child);
      return new ec2.NatGateway(
        `${name}-nat-${index}`,
        { subnetId, allocationId: address.id, tags },
        { parent: this, dependsOn: connected },
      );
    });

    const routeTableIds: pulumi.Output<string>[] = [];
    this.privateSubnets = zones.map((zone, index) => {
      const { id: subnetId } = subnet("private", index, zone);
      const natGatewayId = nats[index % natGateways]?.id;
      const table = new ec2.RouteTable(
        `${name}-private-${index}`,
        { vpcId, routes: [{ ...internet, natGatewayId }], tags: nameTag(`private-${index}`) },
        child,
      );
      routeTableIds.push(table.id);
      const connected = new ec2.RouteTableAssociation(
        `${name}-private-${index}-connected`,
        { subnetId, routeTableId: table.id },
        child,
      );
      return pulumi.all([subnetId, connected.id]).apply(([subnet]) => subnet);
    });
    // Image layers are in S3. Through this endpoint they avoid the NAT gateways, which charge for every gigabyte.
    new ec2.VpcEndpoint(
      `${name}-s3`,
      { vpcId, serviceName: `com.amazonaws.${region}.s3`, routeTableIds, tags: nameTag("s3") },
      child,
    );
    this.registerOutputs({ privateSubnets: this.privateSubnets });
  }
}

const nameTag = (suffix: string) => ({ Name: `${pulumi.getProject()}-${pulumi.getStack()}-${suffix}` });

/** Address range of a subnet: 16,384 addresses for a private one, as every pod has one; 4,096 for a public one. */
function subnetOf(network: string, kind: "public" | "private", index: number): string {
  const [a, b] = network.split(".");
  return kind === "private" ? `${a}.${b}.${(index + 1) * 64}.0/18` : `${a}.${b}.${index * 16}.0/20`;
}
