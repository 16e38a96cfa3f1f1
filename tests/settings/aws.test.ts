import assert from "node:assert/strict";
import { checkSettings } from "../../settings/load.ts";
import { formatProblems } from "../../settings/problems.ts";

const repository = "111122223333.dkr.ecr.eu-north-1.amazonaws.com/team/shop";
const web = { port: 8000, probes: { live: "/live", ready: "/ready" } };
const good = {
  "aws:region": "eu-north-1",
  "slipway:owner": "team-shop",
  "slipway:cluster": { context: "kind" },
  "slipway:namespace": "shop",
  "slipway:release": { repository, build: { context: "app" } },
  "slipway:ecr": {},
  "slipway:web": web,
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

describe("The settings of AWS", () => {
  it("take the account from the address of the repository", () => {
    const { account, problems } = check();
    assert.deepEqual(problems, []);
    assert.deepEqual(account, {
      id: "111122223333",
      setting: "slipway:release.repository",
      region: "eu-north-1",
      owner: "team-shop",
    });
  });

  it("need no account if the stack uses nothing of AWS", () => {
    const { account, settings } = check({ "slipway:ecr": undefined, "aws:region": undefined });
    assert.ok(settings);
    assert.equal(account, undefined);
  });

  it("accept an account as a number, as pulumi config set --path stores it", () => {
    const { settings } = check({ "slipway:ecr": { pullers: [222233334444, "012345678901", "333344445555"] } });
    assert.deepEqual(settings?.ecr, { pullers: ["222233334444", "012345678901", "333344445555"], keepDays: 30 });
  });

  it("refuse an account with too few or too many digits", () => {
    for (const account of ["22223333444", 12345678901, "2222333344445"])
      assert.match(refusedAt({ "slipway:ecr": { pullers: [account] } }).join(), /pullers\[0\].*the 12 digits/);
  });

  it("report a missing region, owner and ECR address at once", () => {
    const changes = {
      "aws:region": undefined,
      "slipway:owner": undefined,
      "slipway:release": { repository: "localhost:5000/shop", build: { context: "app" } },
    };
    const [region, owner, address, ...others] = refusedAt(changes);
    assert.match(region ?? "", /^aws:region: an AWS region, as in eu-north-1/);
    assert.match(owner ?? "", /^slipway:owner: who is responsible/);
    assert.match(address ?? "", /^slipway:release\.repository: an address in Amazon ECR/);
    assert.deepEqual(others, []);
  });

  it("refuse another region than that of the repository", () => {
    const { problems } = check({ "aws:region": "eu-west-1" });
    assert.match(
      formatProblems("test", problems),
      /aws:region is "eu-west-1"; allowed: eu-north-1, .*\n {4}pulumi config set --stack test aws:region VALUE/,
    );
  });

  const cluster = (changes: object = {}, rest: object = {}) => ({
    "slipway:cluster": {
      eks: { account: "111122223333", admins: ["arn:aws:iam::111122223333:role/deploy"], ...changes },
    },
    ...rest,
  });

  it("have defaults for a cluster", () => {
    const { settings, account } = check(cluster({}, { "slipway:ecr": undefined }));
    assert.deepEqual(settings?.cluster, {
      context: undefined,
      kubeconfig: undefined,
      dns: [],
      eks: {
        account: "111122223333",
        admins: ["arn:aws:iam::111122223333:role/deploy"],
        accessFrom: [],
        instanceTypes: [],
        cidr: "10.0.0.0/16",
        natGateways: 1,
        snapshots: { everyHours: 24, keep: 14 },
      },
    });
    assert.equal(account?.setting, "slipway:cluster.eks.account");
  });

  it("refuse different accounts for a cluster and a repository of the same stack", () => {
    assert.match(
      refusedAt(cluster({ account: "999922223333" })).join(),
      /eks\.account: 111122223333, as in slipway:rel/,
    );
    assert.deepEqual(refusedAt(cluster({ account: "999922223333" }, { "slipway:ecr": undefined })), []);
  });

  it("refuse settings of a cluster to create next to an existing one", () => {
    const existing = { account: "111122223333", existing: "shared" };
    assert.deepEqual(refusedAt({ "slipway:cluster": { eks: existing } }), []);
    const both = refusedAt({ "slipway:cluster": { eks: { ...existing, version: "1.34", domain: "example.com" } } });
    assert.match(both.join("\n"), /eks\.version: nothing.*\n.*eks\.domain: nothing/);
    const withoutEffect = {
      name: "shop",
      zones: ["eu-north-1a", "eu-north-1b", "eu-north-1c"],
      natGateways: 3,
      accessFrom: ["203.0.113.0/24"],
      cidr: "10.1.0.0/16",
      instanceTypes: ["m7i.large"],
      admins: ["arn:aws:iam::111122223333:role/deploy"],
      snapshots: { keep: 3 },
    };
    for (const [key, value] of Object.entries(withoutEffect))
      assert.deepEqual(refusedAt({ "slipway:cluster": { eks: { ...existing, [key]: value } } }), [
        `slipway:cluster.eks.${key}: nothing, if slipway:cluster.eks.existing is set`,
      ]);
  });

  it("accept private networks for the cluster, and addresses of the internet for access", () => {
    for (const cidr of ["10.255.0.0/16", "172.16.0.0/16", "172.21.0.0/16", "172.31.0.0/16", "192.168.0.0/16"])
      assert.deepEqual(refusedAt(cluster({ cidr })), []);
    assert.deepEqual(refusedAt(cluster({ accessFrom: ["203.0.113.255/32", "172.32.0.0/16", "9.0.0.0/8"] })), []);
  });

  it("refuse a host outside the domain of the hosted zone", () => {
    const at = (host?: string) => refusedAt(cluster({ domain: "example.com" }, { "slipway:web": { ...web, host } }));
    assert.deepEqual(at("example.com"), []);
    assert.deepEqual(at("shop.example.com"), []);
    for (const host of [undefined, "shop.example.org", "shopexample.com"])
      assert.match(at(host).join(), /slipway:web\.host: a name in example\.com/);
  });

  it("refuse a certificate of another issuer if the load balancer has its own", () => {
    const changes = { "slipway:web": { ...web, host: "example.com", tls: { issuer: "ours" } } };
    assert.deepEqual(refusedAt(cluster({}, changes)), []);
    assert.deepEqual(refusedAt(cluster({ domain: "example.com" }, changes)), [
      "slipway:web.tls: nothing, if slipway:cluster.eks.domain is set",
    ]);
  });

  it("has a class for the ingress of a domain, and refuses an annotation with another one", () => {
    const ingressAnnotations = { "kubernetes.io/ingress.class": "nginx" };
    const changes = { "slipway:web": { ...web, host: "example.com", ingressAnnotations } };
    assert.deepEqual(refusedAt(cluster({}, changes)), []);
    assert.deepEqual(refusedAt(cluster({ domain: "example.com" }, changes)), [
      'slipway:web.ingressAnnotations["kubernetes.io/ingress.class"]: nothing, if slipway:cluster.eks.domain is set',
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
    [{ "slipway:ecr": { keepDays: 0 } }, /slipway:ecr\.keepDays: a whole number from 1 to 3650/],
    [{ "slipway:owner": "team <shop>" }, /slipway:owner: at most 256 letters/],
    [
      {
        ...cluster({}),
        "slipway:web": { ...web, volumes: { "/files": { storage: "1Gi", access: "ReadWriteMany" } } },
      },
      /web\.volumes\["\/files"\]\.storageClass: a class for many writers/,
    ],
    [{ "aws:region": "cn-north-1" }, /aws:region: an AWS region/],
  ] as const)
    it(`refuse ${JSON.stringify(changes)}`, () => assert.match(refusedAt(changes).join("\n"), problem));
});
