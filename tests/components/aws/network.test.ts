import assert from "node:assert/strict";
import { Network, subnetOf } from "../../../components/aws/network.ts";
import { only, resolved } from "../../deploy.ts";
import { inAmazon } from "./amazon.ts";

const zones = ["eu-north-1a", "eu-north-1b", "eu-north-1c"];
const deployed = (natGateways: number, protect?: boolean) =>
  inAmazon(
    ({ provider, region }) =>
      new Network("network", { cidr: "10.7.0.0/16", region, zones, natGateways, protect }, { provider }),
  );
const subnet = "aws:ec2/subnet:Subnet";

describe("Network", () => {
  it("has a private and a public subnet in each of three zones, none of which gives its nodes public addresses", async () => {
    const subnets = (await deployed(1)).resources.filter(({ type }) => type === subnet);
    assert.deepEqual(
      subnets.map(({ name, inputs }) => [name, inputs.availabilityZone, inputs.cidrBlock, inputs.mapPublicIpOnLaunch]),
      [
        ["network-public-0", "eu-north-1a", "10.7.0.0/20", false],
        ["network-public-1", "eu-north-1b", "10.7.16.0/20", false],
        ["network-public-2", "eu-north-1c", "10.7.32.0/20", false],
        ["network-private-0", "eu-north-1a", "10.7.64.0/18", false],
        ["network-private-1", "eu-north-1b", "10.7.128.0/18", false],
        ["network-private-2", "eu-north-1c", "10.7.192.0/18", false],
      ],
    );
  });

  it("tells load balancers of the internet from those of the inside", async () => {
    const { resources } = await deployed(1);
    assert.equal(only(resources, subnet, "network-public-0").inputs.tags["kubernetes.io/role/elb"], "1");
    assert.equal(only(resources, subnet, "network-private-0").inputs.tags["kubernetes.io/role/internal-elb"], "1");
    assert.equal(only(resources, subnet, "network-private-0").inputs.tags["kubernetes.io/role/elb"], undefined);
  });

  for (const [natGateways, used] of [
    [1, ["network-nat-0-id", "network-nat-0-id", "network-nat-0-id"]],
    [2, ["network-nat-0-id", "network-nat-1-id", "network-nat-0-id"]],
    [3, ["network-nat-0-id", "network-nat-1-id", "network-nat-2-id"]],
  ] as const)
    it(`leads from private subnets to ${natGateways} NAT gateways, and never straight to the internet`, async () => {
      const { resources } = await deployed(natGateways);
      assert.equal(resources.filter(({ type }) => type === "aws:ec2/natGateway:NatGateway").length, natGateways);
      const routes = [0, 1, 2].map(
        (place) => only(resources, "aws:ec2/routeTable:RouteTable", `network-private-${place}`).inputs.routes,
      );
      assert.deepEqual(
        routes,
        used.map((natGatewayId) => [{ cidrBlock: "0.0.0.0/0", natGatewayId }]),
      );
      const ways = resources
        .filter(({ type }) => type === "aws:ec2/routeTableAssociation:RouteTableAssociation")
        .map(({ inputs }) => `${inputs.subnetId} by ${inputs.routeTableId}`);
      assert.deepEqual(
        ways.sort(),
        [0, 1, 2]
          .flatMap((place) => [
            `network-private-${place}-id by network-private-${place}-id`,
            `network-public-${place}-id by network-public-id`,
          ])
          .sort(),
      );
    });

  it("is private to what is in it: the private subnets are what it hands on, and images come past the NAT gateways", async () => {
    const { resources, result } = await deployed(1);
    const subnets = [0, 1, 2].map((place) => `network-private-${place}-id`);
    assert.deepEqual(await Promise.all(result.privateSubnets.map(resolved)), subnets);
    const { vpcId: _, tags: __, ...endpoint } = only(resources, "aws:ec2/vpcEndpoint:VpcEndpoint").inputs;
    assert.deepEqual(endpoint, { serviceName: "com.amazonaws.eu-north-1.s3", routeTableIds: subnets });
  });

  it("closes the security group that things get which name none", async () => {
    const { inputs } = only((await deployed(1)).resources, "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup");
    assert.deepEqual([inputs.ingress, inputs.egress], [[], []]);
  });

  it("cannot be deleted where the environment is protected", async () => {
    assert.equal(only((await deployed(1, true)).resources, "aws:ec2/vpc:Vpc").protect, true);
    assert.ok((await deployed(1)).resources.every(({ protect }) => !protect));
  });

  it("has subnets that share no address", () => {
    const first = (cidr: string) => Number(cidr.split(".")[2]);
    const spans = (["public", "private"] as const).flatMap((kind) =>
      [0, 1, 2].map((place) => {
        const cidr = subnetOf("10.0.0.0/16", kind, place);
        return [first(cidr), first(cidr) + 2 ** (24 - Number(cidr.split("/")[1]))] as const;
      }),
    );
    spans.sort(([a], [b]) => a - b);
    spans.forEach(([start, end], place) => {
      assert.ok(end <= 256 && start >= (spans[place - 1]?.[1] ?? 0));
    });
  });
});
