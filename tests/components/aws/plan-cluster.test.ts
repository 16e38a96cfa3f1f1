import assert from "node:assert/strict";
import { findCluster, planCluster } from "../../../components/aws/plan-cluster.ts";
import { type Eks, eks } from "../../../settings/aws.ts";
import { failure, inAmazon, refusal } from "./amazon.ts";

const identity = "aws:index/getCallerIdentity:getCallerIdentity";
const getClusters = "aws:eks/getClusters:getClusters";
const getCluster = "aws:eks/getCluster:getCluster";
const getPolicy = "aws:iam/getPolicy:getPolicy";
const getZones = "aws:index/getAvailabilityZones:getAvailabilityZones";
const getOfferings = "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings";
const getHostedZone = "aws:route53/getZone:getZone";
const zones = ["eu-north-1a", "eu-north-1b", "eu-north-1c"];
const settings = (changes: object = {}): Eks =>
  eks.parse({ account: "111122223333", admins: ["arn:aws:iam::111122223333:role/deploy"], ...changes });

type Answers = Parameters<typeof inAmazon>[1];
const plan = (changes?: object, answers?: Answers, stack?: string) =>
  inAmazon(
    (account) => planCluster(settings(changes), account),
    {
      [getZones]: () => ({ names: zones }),
      [getClusters]: () => ({ names: ["other"] }),
      [getPolicy]: () => ({}),
      [getHostedZone]: () => ({ zoneId: "Z1" }),
      ...answers,
    },
    stack,
  );
const caller = (arn: string) => ({ [identity]: () => ({ accountId: "111122223333", arn }) });

describe("Plan of a cluster", () => {
  it("has the stack's own name, three zones, and a hosted zone for a domain", async () => {
    assert.deepEqual((await plan()).result, { name: "slipway-staging", zones });
    const nameIn = async (stack: string) => (await plan({}, {}, stack)).result.name;
    assert.equal(await nameIn("prod.eu"), "slipway-prod-eu", "a cluster's name may not contain dots");
    assert.equal((await nameIn("x".repeat(100))).length, 100, "nor more than a hundred characters");
    const { result } = await plan({ name: "shop", domain: "example.com" });
    assert.deepEqual(result, { name: "shop", zones, zoneId: "Z1" });
  });

  it("asks for zones of control planes, types in these zones, and a public hosted zone", async () => {
    const requests: Record<string, object> = {};
    const recorded = (token: string, answer: object) => ({
      [token]: (inputs: object) => {
        requests[token] = inputs;
        return answer;
      },
    });
    await plan(
      { domain: "example.com", instanceTypes: ["m7i.large"] },
      {
        ...recorded(getZones, { names: zones }),
        ...recorded(getOfferings, { instanceTypes: zones.map(() => "m7i.large"), locations: zones }),
        ...recorded(getPolicy, {}),
        ...recorded(getHostedZone, { zoneId: "Z1" }),
      },
    );
    assert.deepEqual(requests, {
      // https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html
      [getZones]: { state: "available", excludeZoneIds: ["use1-az3", "usw1-az2", "cac1-az3"] },
      [getOfferings]: {
        locationType: "availability-zone",
        filters: [
          { name: "instance-type", values: ["m7i.large"] },
          { name: "location", values: zones },
        ],
      },
      [getPolicy]: { arn: "arn:aws:iam::111122223333:policy/slipway/cluster-tags" },
      [getHostedZone]: { name: "example.com" },
    });
  });

  it("is refused to a caller who would lock themselves out", async () => {
    const message = await refusal(plan({}, caller("arn:aws:iam::111122223333:user/me")));
    assert.match(message, /^slipway:cluster\.eks\.admins does not name who deploys, arn:.*user\/me/);
    assert.match(message, /nothing was changed\.\n.*Pulumi\.staging\.yaml/);
  });

  it("recognises an admin's role by its session, whatever path the role has", async () => {
    const admins = ["arn:aws:iam::111122223333:role/teams/shop/deploy"];
    const session = (account: string, role: string) => caller(`arn:aws:sts::${account}:assumed-role/${role}/session`);
    await plan({ admins }, session("111122223333", "deploy"));
    for (const other of [session("111122223333", "deployer"), session("999922223333", "deploy")])
      assert.match(await refusal(plan({ admins }, other)), /does not name who deploys/);
  });

  it("is refused in an account that cloud/deploy-role.yaml has not prepared", async () => {
    const message = await refusal(plan({}, { [getPolicy]: failure("NoSuchEntity") }));
    assert.match(message, /^slipway:cluster\.eks\.account is 111122223333, which has not been prepared/);
    assert.match(message, /NoSuchEntity\n.*aws cloudformation deploy --region eu-north-1 .*cloud\/deploy-role\.yaml/);
  });

  it("is refused with a zone that the region does not have, and lists the zones that it has", async () => {
    const message = await refusal(plan({ zones: ["eu-north-1a", "eu-north-1b", "eu-north-1d"] }));
    const start = /^slipway:cluster\.eks\.zones has eu-north-1d, which account 111122223333, region eu-north-1,/;
    assert.match(message, start);
    assert.match(message, /It has: +eu-north-1a, eu-north-1b, eu-north-1c\n.*pulumi config set --stack staging/);
  });

  it("is refused with an instance type that a zone does not have", async () => {
    const offered = () => ({
      instanceTypes: ["m7i.large", "m7i.large", "m7i.large", "x9.huge", "x9.huge"],
      locations: [...zones, "eu-north-1a", "eu-north-1c"],
    });
    await plan({ instanceTypes: ["m7i.large"] }, { [getOfferings]: offered });
    const start = /^slipway:cluster\.eks\.instanceTypes has x9\.huge, which not all of eu-north-1a, eu-north-1b/;
    const message = await refusal(plan({ instanceTypes: ["m7i.large", "x9.huge"] }, { [getOfferings]: offered }));
    assert.match(message, start);
    assert.match(message, /describe-instance-type-offerings --region eu-north-1.*\n.*pulumi config rm --stack staging/);
    const none = failure("no EC2 Instance Type Offerings found");
    const unknown = await refusal(plan({ instanceTypes: ["x9.huge"] }, { [getOfferings]: none }));
    assert.match(unknown, start);
    assert.match(unknown, /\n {2}It says: +no EC2 Instance Type Offerings found\n/);
  });

  it("is refused with the name of somebody else's cluster, and accepts the stack's own", async () => {
    const existing = (tags: object) => ({
      [getClusters]: () => ({ names: ["slipway-staging"] }),
      [getCluster]: () => ({ tags }),
    });
    await plan({}, existing({ Project: "slipway", Environment: "staging" }));
    for (const tags of [{}, { Project: "slipway", Environment: "prod" }, { Project: "x", Environment: "staging" }]) {
      const message = await refusal(plan({}, existing(tags)));
      assert.match(message, /^slipway:cluster\.eks\.name is slipway-staging, which .* made by somebody else/);
      assert.match(message, /--path 'slipway:cluster\.eks\.existing' slipway-staging/);
    }
  });

  it("is refused with a domain that has no hosted zone, and says how to create one", async () => {
    const none = { [getHostedZone]: failure("no matching zone found") };
    const message = await refusal(plan({ domain: "example.com" }, none));
    assert.match(message, /^slipway:cluster\.eks\.domain is example\.com, .*nothing was changed/);
    assert.match(message, /no matching zone found\n.*aws route53 create-hosted-zone --name example\.com/);
  });
});

describe("An existing cluster", () => {
  const find = (answers: Answers) => inAmazon((account) => findCluster("shared", account), answers);

  it("is found by its name", async () => {
    const { result } = await find({ [getCluster]: () => ({ arn: "arn:of:shared" }) });
    assert.equal(result.arn, "arn:of:shared");
  });

  it("is refused if there is none of that name, with a list of those that there are", async () => {
    const missing = { [getCluster]: failure("ResourceNotFoundException") };
    const message = await refusal(find({ ...missing, [getClusters]: () => ({ names: ["a", "b"] }) }));
    assert.match(message, /^slipway:cluster\.eks\.existing is shared, .*nothing was changed/);
    assert.match(message, /ResourceNotFoundException\n {2}Clusters there: +a, b\n/);
    const denied = await refusal(find({ ...missing, [getClusters]: failure("AccessDenied") }));
    assert.match(denied, /Clusters there: +none/);
  });
});
