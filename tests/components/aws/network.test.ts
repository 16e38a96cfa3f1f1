import assert from "node:assert/strict";
import { Network } from "../../../components/aws/network.ts";
import { only, resolved } from "../../deploy.ts";
import { inAmazon } from "./amazon.ts";

const zones = ["eu-north-1a", "eu-north-1b", "eu-north-1c"];
const deployed = (natGateways = 1, protect?: boolean) =>
  inAmazon(
    ({ provider, region }) =>
      new Network("network", { cidr: "10.7.0.0/16", region, zones, natGateways, protect }, { provider }),
  );
const subnet = "aws:ec2/subnet:Subnet";
const privateSubnets = [0, 1, 2].map((index) => `network-private-${index}-id`);

describe("Network", () => {
  it("has a private and a public subnet in each of three zones, without public addresses for nodes", async () => {
    const subnets = (await deployed()).resources.filter(({ type }) => type === subnet);
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

  it("tags public subnets for load balancers of the internet, private ones for internal load balancers", async () => {
    const { resources } = await deployed();
    assert.equal(only(resources, subnet, "network-public-0").inputs.tags["kubernetes.io/role/elb"], "1");
    const { tags } = only(resources, subnet, "network-private-0").inputs;
    assert.equal(tags["kubernetes.io/role/internal-elb"], "1");
    assert.equal(tags["kubernetes.io/role/elb"], undefined);
  });

  for (const [natGateways, used] of [
    [1, [0, 0, 0]],
    [2, [0, 1, 0]],
    [3, [0, 1, 2]],
  ] as const)
    it(`routes private subnets through ${natGateways} NAT gateways, never directly to the internet`, async () => {
      const { resources } = await deployed(natGateways);
      assert.equal(resources.filter(({ type }) => type === "aws:ec2/natGateway:NatGateway").length, natGateways);
      used.forEach((nat, index) => {
        const { routes } = only(resources, "aws:ec2/routeTable:RouteTable", `network-private-${index}`).inputs;
        assert.deepEqual(routes, [{ cidrBlock: "0.0.0.0/0", natGatewayId: `network-nat-${nat}-id` }]);
      });
      const routeTables = resources
        .filter(({ type }) => type === "aws:ec2/routeTableAssociation:RouteTableAssociation")
        .map(({ inputs }) => [inputs.subnetId, inputs.routeTableId])
        .sort();
      assert.deepEqual(routeTables, [
        ...privateSubnets.map((id) => [id, id]),
        ...zones.map((_, index) => [`network-public-${index}-id`, "network-public-id"]),
      ]);
    });

  it("outputs its private subnets, whose image pulls bypass the NAT gateways", async () => {
    const { resources, result } = await deployed();
    assert.deepEqual(await Promise.all(result.privateSubnets.map(resolved)), privateSubnets);
    const { serviceName, routeTableIds } = only(resources, "aws:ec2/vpcEndpoint:VpcEndpoint").inputs;
    assert.equal(serviceName, "com.amazonaws.eu-north-1.s3");
    assert.deepEqual(routeTableIds, privateSubnets);
  });

  it("closes the default security group", async () => {
    const { inputs } = only((await deployed()).resources, "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup");
    assert.deepEqual([inputs.ingress, inputs.egress], [[], []]);
  });

  it("cannot be deleted if the environment is protected", async () => {
    assert.equal(only((await deployed(1, true)).resources, "aws:ec2/vpc:Vpc").protect, true);
    assert.ok((await deployed()).resources.every(({ protect }) => !protect));
  });
});
