import assert from "node:assert/strict";
import { checkSettings, report } from "../../settings/load.ts";

const repository = "111122223333.dkr.ecr.eu-north-1.amazonaws.com/team/shop";
const good = {
  "aws:region": "eu-north-1",
  "slipway:owner": "team-shop",
  "slipway:cluster": { context: "kind" },
  "slipway:namespace": "shop",
  "slipway:release": { repository, build: { context: "app" } },
  "slipway:ecr": {},
  "slipway:web": { port: 8000, probes: { live: "/live", ready: "/ready" } },
};

/** Checks the settings with some of them changed; undefined removes one. */
function check(changes: Record<string, unknown> = {}) {
  const entries = Object.entries({ ...good, ...changes }).filter(([, value]) => value !== undefined);
  return checkSettings(
    Object.fromEntries(entries.map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)])),
    [],
  );
}
const refusedAt = (changes: Record<string, unknown>) =>
  check(changes).problems.map(({ setting, allowed }) => `${setting}: ${allowed}`);

describe("Settings of AWS", () => {
  it("name the account by the address of the repository", () => {
    const { account, problems } = check();
    assert.deepEqual(problems, []);
    assert.deepEqual(account, {
      id: "111122223333",
      setting: "slipway:release.repository",
      region: "eu-north-1",
      owner: "team-shop",
    });
  });

  it("name none where nothing of AWS is made", () => {
    const { account, settings } = check({ "slipway:ecr": undefined, "aws:region": undefined });
    assert.ok(settings);
    assert.equal(account, undefined);
  });

  it("take an account that was set on the command line, which makes a number of it", () => {
    const { settings } = check({ "slipway:ecr": { pullers: [222233334444, "012345678901", "333344445555"] } });
    assert.deepEqual(settings?.ecr, { pullers: ["222233334444", "012345678901", "333344445555"], keepDays: 30 });
  });

  it("take none that lacks a digit: it would be somebody else's, or nobody's", () => {
    for (const account of ["22223333444", 12345678901, "2222333344445"])
      assert.match(refusedAt({ "slipway:ecr": { pullers: [account] } }).join(), /pullers\[0\].*the 12 digits/);
  });

  it("are complete: region, owner and an address of Amazon's, all at once", () => {
    const changes = {
      "aws:region": undefined,
      "slipway:owner": undefined,
      "slipway:release": { repository: "localhost:5000/shop", build: { context: "app" } },
    };
    const [region, owner, address, ...others] = refusedAt(changes);
    assert.match(region ?? "", /^aws:region: an AWS region, as in eu-north-1/);
    assert.match(owner ?? "", /^slipway:owner: who answers/);
    assert.match(address ?? "", /^slipway:release\.repository: an address in Amazon ECR/);
    assert.deepEqual(others, []);
  });

  it("name one region, that of the repository which the stack owns", () => {
    const { problems } = check({ "aws:region": "eu-west-1" });
    assert.match(
      report("test", problems),
      /aws:region is "eu-west-1"; allowed: eu-north-1, .*\n {4}pulumi config set --stack test aws:region VALUE/,
    );
  });

  const cluster = (changes: object = {}, rest: object = {}) => ({
    "slipway:cluster": {
      eks: { account: "111122223333", admins: ["arn:aws:iam::111122223333:role/deploy"], ...changes },
    },
    ...rest,
  });

  it("fill in the defaults of a cluster", () => {
    const { settings, account } = check(cluster({}, { "slipway:ecr": undefined }));
    assert.deepEqual(settings?.cluster, {
      ...{ context: undefined, kubeconfig: undefined, dns: [] },
      eks: {
        account: "111122223333",
        admins: ["arn:aws:iam::111122223333:role/deploy"],
        ...{
          accessFrom: [],
          instanceTypes: [],
          cidr: "10.0.0.0/16",
          natGateways: 1,
          snapshots: { everyHours: 24, keep: 14 },
        },
      },
    });
    assert.equal(account?.setting, "slipway:cluster.eks.account");
  });

  it("name one account for cluster and repository, where the stack owns both", () => {
    assert.match(
      refusedAt(cluster({ account: "999922223333" })).join(),
      /eks\.account: 111122223333, as in slipway:rel/,
    );
    assert.deepEqual(refusedAt(cluster({ account: "999922223333" }, { "slipway:ecr": undefined })), []);
  });

  it("leave the rest out where the cluster is there already", () => {
    const existing = { account: "111122223333", existing: "shared" };
    assert.deepEqual(refusedAt({ "slipway:cluster": { eks: existing } }), []);
    const both = refusedAt({ "slipway:cluster": { eks: { ...existing, version: "1.34", domain: "example.com" } } });
    assert.match(both.join("\n"), /eks\.version: nothing.*\n.*eks\.domain: nothing/);
    for (const unheeded of [
      ...[{ name: "shop" }, { zones: ["eu-north-1a", "eu-north-1b", "eu-north-1c"] }, { natGateways: 3 }],
      ...[{ accessFrom: ["203.0.113.0/24"] }, { cidr: "10.1.0.0/16" }, { instanceTypes: ["m7i.large"] }],
      ...[{ admins: ["arn:aws:iam::111122223333:role/deploy"] }, { snapshots: { keep: 3 } }],
    ]) {
      const [problem, ...others] = refusedAt({ "slipway:cluster": { eks: { ...existing, ...unheeded } } });
      assert.equal(
        problem,
        `slipway:cluster.eks.${Object.keys(unheeded)[0]}: nothing, where slipway:cluster.eks.existing is set`,
      );
      assert.deepEqual(others, []);
    }
  });

  it("take addresses of every private network but that of the Services, and of the internet for access", () => {
    for (const cidr of ["10.255.0.0/16", "172.16.0.0/16", "172.21.0.0/16", "172.31.0.0/16", "192.168.0.0/16"])
      assert.deepEqual(refusedAt(cluster({ cidr })), []);
    assert.deepEqual(refusedAt(cluster({ accessFrom: ["203.0.113.255/32", "172.32.0.0/16", "9.0.0.0/8"] })), []);
  });

  it("want a host in the domain that is answered for", () => {
    const web = { port: 8000, probes: { live: "/live", ready: "/ready" } };
    const at = (host?: string) => refusedAt(cluster({ domain: "example.com" }, { "slipway:web": { ...web, host } }));
    assert.deepEqual(at("example.com"), []);
    assert.deepEqual(at("shop.example.com"), []);
    for (const host of [undefined, "shop.example.org", "shopexample.com"])
      assert.match(at(host).join(), /slipway:web\.host: a name in example\.com/);
  });

  it("take no certificate from elsewhere where Amazon's load balancer has its own", () => {
    const web = {
      port: 8000,
      probes: { live: "/live", ready: "/ready" },
      host: "example.com",
      tls: { issuer: "ours" },
    };
    assert.deepEqual(refusedAt(cluster({}, { "slipway:web": web })), []);
    assert.deepEqual(refusedAt(cluster({ domain: "example.com" }, { "slipway:web": web })), [
      "slipway:web.tls: nothing, where slipway:cluster.eks.domain is set",
    ]);
  });

  for (const [changes, problem] of [
    [cluster({ admins: [] }), /eks\.admins: the roles that deploy/],
    [cluster({ admins: ["deploy"] }), /eks\.admins\[0\]: the ARN of an IAM role/],
    [cluster({ accessFrom: ["0.0.0.0/0"] }), /eks\.accessFrom\[0\]: .*never all of it/],
    [cluster({ accessFrom: ["0.0.0.0/7"] }), /eks\.accessFrom\[0\]: .*at most a \/8/],
    [cluster({ accessFrom: ["203.0.256.0/24"] }), /eks\.accessFrom\[0\]: addresses/],
    ...["10.1.0.0/16", "127.0.0.0/8", "172.16.0.0/16", "172.31.0.0/16", "192.168.1.0/24"].map(
      (addresses) => [cluster({ accessFrom: [addresses] }), /eks\.accessFrom\[0\]: .*no private ones/] as const,
    ),
    [cluster({ cidr: "8.8.0.0/16" }), /eks\.cidr: a private \/16/],
    [cluster({ cidr: "10.256.0.0/16" }), /eks\.cidr: a private \/16/],
    [cluster({ cidr: "172.20.0.0/16" }), /eks\.cidr: .*other than 172\.20\.0\.0\/16/],
    [cluster({ zones: ["eu-north-1a"] }), /eks\.zones: three zones/],
    [cluster({ zones: ["eu-north-1a", "eu-north-1a", "eu-north-1b"] }), /eks\.zones: .*each of them once/],
    [cluster({ admins: Array(2).fill("arn:aws:iam::111122223333:role/a") }), /eks\.admins: .*each of them once/],
    [cluster({ instanceTypes: ["large"] }), /eks\.instanceTypes\[0\]: a type of instance/],
    [cluster({ natGateways: 4 }), /eks\.natGateways: a whole number from 1 to 3/],
    [cluster({ name: "-shop" }), /eks\.name: at most 100/],
    [cluster({ version: "34" }), /eks\.version: a Kubernetes version/],
    [cluster({ snapshots: { everyHours: 5 } }), /eks\.snapshots\.everyHours: 1, 2, 3/],
    [
      { "slipway:cluster": { context: "kind", eks: { account: 111122223333, existing: "a" } } },
      /cluster\.context: nothing/,
    ],
    [{ "slipway:cluster": {} }, /cluster\.context: the name of a kubeconfig context/],
    [{ "slipway:ecr": { colour: "red" } }, /slipway:ecr\.colour/],
    [{ "slipway:ecr": { pullers: ["1234567890123"] } }, /slipway:ecr\.pullers\[0\]: the 12 digits/],
    [{ "slipway:ecr": { keepDays: 0 } }, /slipway:ecr\.keepDays: a whole number from 1 to 3650/],
    [{ "slipway:owner": "team <shop>" }, /slipway:owner: at most 256 letters/],
    [{ "aws:region": "cn-north-1" }, /aws:region: an AWS region/],
  ] as const)
    it(`refuse ${JSON.stringify(changes)}`, () => assert.match(refusedAt(changes).join("\n"), problem));
});
