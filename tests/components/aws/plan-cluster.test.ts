import assert from "node:assert/strict";
import { findCluster, planCluster } from "../../../components/aws/plan-cluster.ts";
import { type Eks, eks } from "../../../settings/aws.ts";
import { inAmazon, refusal, refused } from "./amazon.ts";

const identity = "aws:index/getCallerIdentity:getCallerIdentity";
const clusters = "aws:eks/getClusters:getClusters";
const found = "aws:eks/getCluster:getCluster";
const policy = "aws:iam/getPolicy:getPolicy";
const available = "aws:index/getAvailabilityZones:getAvailabilityZones";
const offerings = "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings";
const zone = "aws:route53/getZone:getZone";
const zones = ["eu-north-1a", "eu-north-1b", "eu-north-1c"];
const settings = (changes: object = {}): Eks =>
  eks.parse({ account: "111122223333", admins: ["arn:aws:iam::111122223333:role/deploy"], ...changes });

type Changed = Parameters<typeof inAmazon>[1];
const premises = (changes?: object, answers?: Changed, stack?: string) =>
  inAmazon(
    (account) => planCluster(settings(changes), account),
    {
      [available]: () => ({ names: zones }),
      [clusters]: () => ({ names: ["other"] }),
      [policy]: () => ({}),
      [zone]: () => ({ zoneId: "Z1" }),
      ...answers,
    },
    stack,
  );
const caller = (arn: string) => ({ [identity]: () => ({ accountId: "111122223333", arn }) });

describe("What a cluster needs of an account", () => {
  it("is there: a name of the stack's own, zones, and a hosted zone where a domain is named", async () => {
    assert.deepEqual((await premises()).result, { name: "slipway-staging", zones });
    const named = async (stack: string) => (await premises({}, {}, stack)).result.name;
    assert.equal(await named("prod.eu"), "slipway-prod-eu", "a cluster's name has no dots");
    assert.equal((await named("x".repeat(100))).length, 100, "nor more than a hundred characters");
    const { result } = await premises({ name: "shop", domain: "example.com" });
    assert.deepEqual(result, { name: "shop", zones, zoneId: "Z1" });
  });

  it("is asked for as it will be used: zones that a control plane can be in, types in those, a zone that the internet sees", async () => {
    const asked: Record<string, object> = {};
    const answered = (token: string, answer: object) => (inputs: object) => {
      asked[token] = inputs;
      return answer;
    };
    await premises(
      { domain: "example.com", instanceTypes: ["m7i.large"] },
      {
        [available]: answered("zones", { names: zones }),
        [offerings]: answered("types", { instanceTypes: zones.map(() => "m7i.large"), locations: zones }),
        [policy]: answered("policy", {}),
        [zone]: answered("zone", { zoneId: "Z1" }),
      },
    );
    assert.deepEqual(asked, {
      // https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html
      zones: { state: "available", excludeZoneIds: ["use1-az3", "usw1-az2", "cac1-az3"] },
      types: {
        locationType: "availability-zone",
        filters: [
          { name: "instance-type", values: ["m7i.large"] },
          { name: "location", values: zones },
        ],
      },
      policy: { arn: "arn:aws:iam::111122223333:policy/slipway/cluster-tags" },
      zone: { name: "example.com" },
    });
  });

  it("is refused to who would lock themselves out", async () => {
    const message = await refused(premises({}, caller("arn:aws:iam::111122223333:user/me")));
    assert.match(message, /^slipway:cluster\.eks\.admins does not name who deploys, arn:.*user\/me/);
    assert.match(message, /nothing was changed\.\n.*Pulumi\.staging\.yaml/);
  });

  it("is what cloud/deploy-role.yaml prepares, and named where it was not", async () => {
    const message = await refused(premises({}, { [policy]: refusal("NoSuchEntity") }));
    assert.match(message, /^slipway:cluster\.eks\.account is 111122223333, which has not been prepared/);
    assert.match(message, /NoSuchEntity\n.*aws cloudformation deploy --region eu-north-1 .*cloud\/deploy-role\.yaml/);
  });

  it("knows a role by its session, whatever path it has", async () => {
    const admins = ["arn:aws:iam::111122223333:role/teams/shop/deploy"];
    await premises({ admins }, caller("arn:aws:sts::111122223333:assumed-role/deploy/session"));
    const other = caller("arn:aws:sts::111122223333:assumed-role/deployer/session");
    assert.match(await refused(premises({ admins }, other)), /does not name who deploys/);
    const elsewhere = caller("arn:aws:sts::999922223333:assumed-role/deploy/session");
    assert.match(await refused(premises({ admins }, elsewhere)), /does not name who deploys/);
  });

  it("names a zone that the region does not have, and those that it has", async () => {
    const message = await refused(premises({ zones: ["eu-north-1a", "eu-north-1b", "eu-north-1d"] }));
    assert.match(
      message,
      /^slipway:cluster\.eks\.zones has eu-north-1d, which account 111122223333, region eu-north-1,/,
    );
    assert.match(message, /It has: +eu-north-1a, eu-north-1b, eu-north-1c\n.*pulumi config set --stack staging/);
  });

  it("names a type of instance that one of the zones does not have", async () => {
    const offered = {
      [offerings]: () => ({
        instanceTypes: ["m7i.large", "m7i.large", "m7i.large", "x9.huge", "x9.huge"],
        locations: [...zones, "eu-north-1a", "eu-north-1c"],
      }),
    };
    await premises({ instanceTypes: ["m7i.large"] }, offered);
    const message = await refused(premises({ instanceTypes: ["m7i.large", "x9.huge"] }, offered));
    assert.match(
      message,
      /^slipway:cluster\.eks\.instanceTypes has x9\.huge, which not all of eu-north-1a, eu-north-1b/,
    );
    assert.match(message, /describe-instance-type-offerings --region eu-north-1.*\n.*pulumi config rm --stack staging/);
    const none = premises(
      { instanceTypes: ["x9.huge"] },
      { [offerings]: refusal("no EC2 Instance Type Offerings found") },
    );
    assert.match(
      await refused(none),
      /instanceTypes has x9\.huge, .*\n {2}It says: +no EC2 Instance Type Offerings found\n/,
    );
  });

  it("names a cluster that somebody else made, and takes the stack's own for its own", async () => {
    const taken = (tags: object) => ({
      [clusters]: () => ({ names: ["slipway-staging"] }),
      [found]: () => ({ tags }),
    });
    await premises({}, taken({ Project: "slipway", Environment: "staging" }));
    for (const tags of [{}, { Project: "slipway", Environment: "prod" }, { Project: "x", Environment: "staging" }]) {
      const message = await refused(premises({}, taken(tags)));
      assert.match(message, /^slipway:cluster\.eks\.name is slipway-staging, which .* made by somebody else/);
      assert.match(message, /--path 'slipway:cluster\.eks\.existing' slipway-staging/);
    }
  });

  it("names a domain that no hosted zone answers for, and how to make one", async () => {
    const message = await refused(premises({ domain: "example.com" }, { [zone]: refusal("no matching zone found") }));
    assert.match(message, /^slipway:cluster\.eks\.domain is example\.com, .*nothing was changed/);
    assert.match(message, /no matching zone found\n.*aws route53 create-hosted-zone --name example\.com/);
  });
});

describe("A cluster that is there already", () => {
  it("is found by its name", async () => {
    const { result } = await inAmazon((account) => findCluster("shared", account), {
      [found]: () => ({ arn: "arn:of:shared" }),
    });
    assert.equal(result.arn, "arn:of:shared");
  });

  it("is refused where there is none, with those that there are", async () => {
    const answers = { [found]: refusal("ResourceNotFoundException"), [clusters]: () => ({ names: ["a", "b"] }) };
    const message = await refused(inAmazon((account) => findCluster("shared", account), answers));
    assert.match(message, /^slipway:cluster\.eks\.existing is shared, .*nothing was changed/);
    assert.match(message, /ResourceNotFoundException\n {2}Clusters there: +a, b\n/);
    const silent = { [found]: refusal("no"), [clusters]: refusal("AccessDenied") };
    assert.match(await refused(inAmazon((account) => findCluster("x", account), silent)), /Clusters there: +none/);
  });
});
