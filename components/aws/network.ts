import * as ec2 from "@pulumi/aws/ec2/index.js";
import * as pulumi from "@pulumi/pulumi";

/** Arguments of {@link Network}. */
export interface NetworkArgs {
  /** Addresses of the network: a /16, as in `10.0.0.0/16`. */
  readonly cidr: string;
  readonly region: string;
  /** Names of three zones, as in `eu-north-1a`. */
  readonly zones: readonly string[];
  /** How many NAT gateways carry what the nodes ask of the internet: one for each zone, or fewer that are shared. */
  readonly natGateways: number;
  /** Refuse to delete it. Default false. */
  readonly protect?: boolean;
}

/**
 * A network over three zones: private subnets for the nodes, which no address of the internet reaches, and small public
 * ones, which hold load balancers and NAT gateways alone.
 */
export class Network extends pulumi.ComponentResource {
  /** The private subnets; known once what is in them can reach the internet. */
  readonly privateSubnets: pulumi.Output<string>[];

  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:index:Network", name, {}, opts);
    const child = { parent: this };
    const named = (suffix: string) => ({ Name: `${pulumi.getProject()}-${pulumi.getStack()}-${suffix}` });

    const vpc = new ec2.Vpc(
      name,
      { cidrBlock: args.cidr, enableDnsHostnames: true, enableDnsSupport: true, tags: named("network") },
      { parent: this, protect: args.protect },
    );
    // Whatever forgets to name a security group gets this one, which lets nothing in and nothing out.
    new ec2.DefaultSecurityGroup(`${name}-closed`, { vpcId: vpc.id, ingress: [], egress: [] }, child);
    const gateway = new ec2.InternetGateway(`${name}-internet`, { vpcId: vpc.id, tags: named("internet") }, child);
    const route = { cidrBlock: "0.0.0.0/0" };
    const publicRoutes = new ec2.RouteTable(
      `${name}-public`,
      { vpcId: vpc.id, routes: [{ ...route, gatewayId: gateway.id }], tags: named("public") },
      child,
    );

    const subnet = (kind: "public" | "private", place: number, zone: string) =>
      new ec2.Subnet(
        `${name}-${kind}-${place}`,
        {
          vpcId: vpc.id,
          availabilityZone: zone,
          cidrBlock: subnetOf(args.cidr, kind, place),
          mapPublicIpOnLaunch: false,
          // By these tags EKS finds the subnets for its load balancers.
          tags: {
            ...named(`${kind}-${place}`),
            [`kubernetes.io/role/${kind === "public" ? "elb" : "internal-elb"}`]: "1",
          },
        },
        child,
      );
    const nats = args.zones.map((zone, place) => {
      const { id } = subnet("public", place, zone);
      const connected = new ec2.RouteTableAssociation(
        `${name}-public-${place}-connected`,
        { subnetId: id, routeTableId: publicRoutes.id },
        child,
      );
      if (place >= args.natGateways) return undefined;
      const address = new ec2.Eip(`${name}-nat-${place}`, { domain: "vpc", tags: named(`nat-${place}`) }, child);
      return new ec2.NatGateway(
        `${name}-nat-${place}`,
        { subnetId: id, allocationId: address.id, tags: named(`nat-${place}`) },
        { parent: this, dependsOn: connected },
      );
    });

    const routeTables: pulumi.Output<string>[] = [];
    this.privateSubnets = args.zones.map((zone, place) => {
      const { id } = subnet("private", place, zone);
      const natGatewayId = nats[place % args.natGateways]?.id;
      const table = new ec2.RouteTable(
        `${name}-private-${place}`,
        { vpcId: vpc.id, routes: [{ ...route, natGatewayId }], tags: named(`private-${place}`) },
        child,
      );
      routeTables.push(table.id);
      const connected = new ec2.RouteTableAssociation(
        `${name}-private-${place}-connected`,
        { subnetId: id, routeTableId: table.id },
        child,
      );
      return pulumi.all([id, connected.id]).apply(([subnet]) => subnet);
    });
    // Layers of images lie in S3: past the NAT gateways, which charge for every gigabyte.
    new ec2.VpcEndpoint(
      `${name}-s3`,
      { vpcId: vpc.id, serviceName: `com.amazonaws.${args.region}.s3`, routeTableIds: routeTables, tags: named("s3") },
      child,
    );
    this.registerOutputs({ privateSubnets: this.privateSubnets });
  }
}

/** The addresses of a subnet: 16,384 for each private one, since every pod has one; 4,096 for each public one. */
export function subnetOf(network: string, kind: "public" | "private", place: number): string {
  const [a, b] = network.split(".");
  return kind === "private" ? `${a}.${b}.${(place + 1) * 64}.0/18` : `${a}.${b}.${place * 16}.0/20`;
}
