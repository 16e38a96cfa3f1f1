import assert from "node:assert/strict";
import { checkSettings } from "../../settings/load.ts";
import { formatProblems } from "../../settings/problems.ts";
import { asJson, check, configured, encrypted, good } from "./sample-settings.ts";

const hosted = { ...good.web, host: "shop.example.com" };
const backedUp = (backups: object) => ({ ...good.database, backups });
const long = (length: number) => "a".repeat(length);
const labels = (count: number) => Array.from({ length: count }, () => long(62)).join(".");

/** Settings that Kubernetes would refuse, some of them only after other objects exist. */
const refused: readonly [path: string, value: unknown, allowed: RegExp, setting?: string][] = [
  ["web.resources", { cpu: "2000m" }, /^at most the limit, cpuLimit, which is 1$/, "web.resources.cpu"],
  ["web.resources", { cpu: "1.001", cpuLimit: "1e0" }, /at most the limit/, "web.resources.cpu"],
  ["web.resources", { cpuLimit: "99m" }, /at most the limit, cpuLimit, which is 99m/, "web.resources.cpu"],
  ["web.resources", { cpu: "0" }, /above 0/, "web.resources.cpu"],
  ["web.resources", { cpu: "-1" }, /above 0/, "web.resources.cpu"],
  ["web.resources", { cpu: "1 000m" }, /quantity/, "web.resources.cpu"],
  ["web.resources", { cpu: "100K" }, /quantity/, "web.resources.cpu"],
  ["web.resources", { memory: "20000000.5" }, /whole bytes/, "web.resources.memory"],
  ["web.resources", { memory: "8Ei" }, /whole bytes/, "web.resources.memory"],
  ["web.resources", { memory: "384m" }, /at least 16Mi/, "web.resources.memory"],
  ["web.resources", { memory: 384 }, /at least 16Mi/, "web.resources.memory"],
  ["database.resources", { cpu: "2", cpuLimit: "1" }, /at most the limit/, "database.resources.cpu"],
  ["database.storage", "0", /at least 1Mi/],
  ["database.storage", "-1Gi", /at least 1Mi/],
  ["database.storage", "20", /at least 1Mi/],
  ["database.storage", "0.1Gi", /whole bytes/],
  ["database.storage", "20GB", /as in 20Gi/],
  ["database.storage", "20gi", /as in 20Gi/],
  ["database", backedUp({ storage: "1.1Gi" }), /whole bytes/, "database.backups.storage"],
  ["database", backedUp({ schedule: "0 24 * * *" }), /its hour is from 0 to 23/, "database.backups.schedule"],
  ["database", backedUp({ schedule: "*/0 * * * *" }), /step of its minute/, "database.backups.schedule"],
  ["database", backedUp({ schedule: "0 3 * * 7" }), /its day of the week is from 0/, "database.backups.schedule"],
  ["database", backedUp({ schedule: 3 }), /five fields/, "database.backups.schedule"],
  ["database", backedUp({ schedule: "@weekly" }), /^more than the 168 hours/, "database.backups.staleHours"],
  ["database", backedUp({ staleHours: 24 }), /^more than the 24 hours/, "database.backups.staleHours"],
  ["database.storageClass", "Fast", /lower-case/],
  ["database.storageClass", "a..b", /lower-case/],
  ["database.storageClass", long(254), /at most 253/],
  ["database.image", "Postgres:17", /tag begins with its version/],
  ["database.image", "a//postgres:17", /tag begins/],
  ["database.image", "localhost:99999/postgres:17", /tag begins/],
  ["database.image", "-a.example.com/postgres:17", /tag begins/],
  ["database.image", "a..b/postgres:17", /tag begins/],
  ["database.image", `postgres:17${long(127)}`, /tag begins/],
  ["database.image", `postgres:17-${long(126)}`, /tag begins/],
  ["database.image", `${long(256)}:17`, /tag begins/],
  ["database.image", `postgres:17@sha256:${"a".repeat(63)}`, /tag begins/],
  ["database.image", `postgres@sha256:${"a".repeat(64)}`, /tag begins/],
  ["release.repository", "localhost:99999/shop", /REGISTRY\/PATH/],
  ["release.repository", "localhost:0/shop", /REGISTRY\/PATH/],
  ["release.repository", "localhost:5000/shop..web", /REGISTRY\/PATH/],
  ["release.repository", "localhost:5000/Shop", /REGISTRY\/PATH/],
  ["release.repository", ".example.com/shop", /REGISTRY\/PATH/],
  ["release.repository", `localhost:5000/${long(241)}`, /REGISTRY\/PATH/],
  ["release.name", "v1.9999999999", /vN\.N/],
  ["namespace", "default", /not default or kube-/],
  ["namespace", "kube-system", /not default or kube-/],
  ["namespace", "shop.dev", /at most 63/],
  ["web.host", "10.0.0.1", /host name/],
  ["web.host", "shop.example.com.", /host name/],
  ["web.host", "*.example.com", /host name/],
  ["web.host", "a_b.example.com", /host name/],
  ["web.host", `${long(64)}.example.com`, /host name/],
  ["web.host", `${labels(4)}.example`, /host name/],
  ["web", { ...hosted, ingressClass: "Nginx" }, /lower-case/, "web.ingressClass"],
  ["web", { ...hosted, tls: { issuer: "a..b" } }, /ClusterIssuer/, "web.tls.issuer"],
  ["web", { ...hosted, tls: { secret: "a..b" } }, /lower-case/, "web.tls.secret"],
  [
    "web",
    { ...hosted, ingressClass: "nginx", ingressAnnotations: { "kubernetes.io/ingress.class": "traefik" } },
    /nothing, if slipway:web\.ingressClass is set/,
    'web.ingressAnnotations["kubernetes.io/ingress.class"]',
  ],
  ["web", { ...hosted, ingressAnnotations: { "a..b/c": "x" } }, /name of an/, 'web.ingressAnnotations["a..b/c"]'],
  ["web", { ...hosted, ingressAnnotations: { a: 1.5 } }, /in quotes/, "web.ingressAnnotations.a"],
  ["web", { ...hosted, ingressAnnotations: { a: long(256_001) } }, /at most 250 KiB/, "web.ingressAnnotations"],
  ["web.allowFrom", ["10.0.0.0/08"], /range of addresses/, "web.allowFrom[0]"],
  ["web.allowFrom", ["010.0.0.0/8"], /range of addresses/, "web.allowFrom[0]"],
  ["web.allowFrom", ["10.0.0.256/32"], /range of addresses/, "web.allowFrom[0]"],
  ["web.user", 2 ** 31, /from 1 to 2147483647/],
  ["web.environment", { "1A": "x" }, /no digit first/, 'web.environment["1A"]'],
  ["web.environment", { "..A": "x" }, /253 letters/, 'web.environment["..A"]'],
  ["web.environment", { "A=B": "x" }, /253 letters/, 'web.environment["A=B"]'],
  ["web.environment", { [long(254)]: "x" }, /at most 253/, `web.environment.${long(254)}`],
  ["web.environment", { A: "a\0b" }, /text/, "web.environment.A"],
  ["web.environment", { A: long(128 * 1024 - 2) }, /at most 128 KiB/, "web.environment.A"],
  [
    "web.environment",
    Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`A${index}`, long(120_000)])),
    /at most 1 MiB altogether/,
    "web.environment",
  ],
  ["secrets", { A: long(128 * 1024 - 2) }, /at most 128 KiB/, "secrets.A"],
  ["secrets", { A: "key\n" }, /without spaces or line breaks at its ends/, "secrets.A"],
  [
    "web",
    { ...good.web, probes: { ...good.web.probes, startSeconds: 200 } },
    /^a whole number from 200 to 3600/,
    "web.deadlineSeconds",
  ],
  ["web.command", [], /at least one word/],
  ["web.command", [" "], /at least one word/],
  ["web.command", ["sleep", 60], /a number, true or false in quotes/, "web.command[1]"],
  ["web.migrate", ["migrate", true], /a number, true or false in quotes/, "web.migrate[1]"],
];

/** Settings that Kubernetes accepts. */
const accepted: readonly [path: string, value: unknown][] = [
  ["web.resources", { cpu: "1", cpuLimit: "1000m" }],
  ["web.resources", { cpu: 0.5, cpuLimit: 2, memory: 402653184 }],
  ["web.resources", { cpu: ".5", cpuLimit: "1e0", memory: "0.5Gi" }],
  ["web.resources", { cpu: "250000u", memory: "1e9" }],
  ["database.storage", "1Pi"],
  ["database.storage", 21474836480],
  ["database.storage", "1.5Ti"],
  ["database", backedUp({ schedule: "@weekly", staleHours: 200 })],
  ["database", backedUp({ schedule: "*/30 8-18/2 * jan-MAR mon,Wed", staleHours: 8760 })],
  ["database", backedUp({ schedule: "@every 12h" })],
  ["database.storageClass", "fast.csi.example.com"],
  ["database.image", "registry.example.com:5000/team/postgres__x/y-z:17.2-bookworm"],
  ["database.image", `postgres:17@sha256:${"a".repeat(64)}`],
  ["release.repository", "localhost:5000/team/shop_web.v2"],
  ["release.repository", "team/shop"],
  ["namespace", "0-shop"],
  ["web", { ...hosted, ingressClass: "nginx.internal", tls: { issuer: "issuer/a.b", secret: "a.b" } }],
  ["web", { ...hosted, ingressAnnotations: { "kubernetes.io/ingress.class": "traefik" } }],
  ["web.host", `${long(63)}.example.com`],
  ["web.host", "10.example"],
  ["web.allowFrom", ["10.0.0.1/8", "fd00::1/8", "0.0.0.0/0", "kube-system"]],
  ["web.user", 1_000_650_000],
  ["web.port", 80],
  ["web.environment", { "spring.datasource.url": "x", "discovery-type": "y", _A: "", B: -1 }],
  ["web.environment", { A: long(128 * 1024 - 3) }],
  ["web", { ...good.web, probes: { ...good.web.probes, startSeconds: 200 }, deadlineSeconds: 200 }],
  // The default of a start is no promise that it takes that long.
  ["web.deadlineSeconds", 10],
  ["web.command", ["sh", "-c", "echo 1\necho 2\n", ""]],
  ["secrets", { constructor: "x", toString: "y" }],
];

describe("Settings that Kubernetes would refuse", () => {
  for (const [path, value, allowed, setting = path] of refused)
    it(`are refused before anything is contacted: ${path} = ${asJson(value).slice(0, 100)}`, () => {
      const { settings, problems } = check(path, value);
      assert.equal(settings, undefined);
      assert.deepEqual(
        problems.map(({ setting }) => setting),
        [`slipway:${setting}`],
      );
      assert.match(problems[0]?.allowed ?? "", allowed);
    });

  for (const [path, value] of accepted)
    it(`are no others: ${path} = ${asJson(value).slice(0, 100)}`, () => {
      assert.deepEqual(check(path, value).problems, []);
    });
});

describe("Settings of accessories, processes and registries that would be refused later", () => {
  const checkAlso = (key: string, value: unknown) => {
    const secretKeys = [...encrypted, "slipway:accessorySecrets", "slipway:pullSecret"];
    return checkSettings({ ...configured(), [`slipway:${key}`]: asJson(value) }, secretKeys).problems;
  };
  const cache = { image: "valkey/valkey:8.1", port: 6379 };
  const images: readonly [image: string, accepted: boolean][] = [
    ["valkey/valkey:8.1", true],
    ["registry.example.com:5000/a/b__c:v2@sha256:".concat("0".repeat(64)), true],
    ["valkey@sha256:".concat("0".repeat(64)), true],
    ["valkey", false],
    ["valkey:latest", false],
    ["Valkey:8", false],
    ["localhost:70000/valkey:8", false],
    ["a..b/valkey:8", false],
    ["valkey@sha256:0123", false],
    [`valkey:8${long(128)}`, false],
  ];
  for (const [image, accepted] of images)
    it(`${accepted ? "accepts" : "refuses"} the image ${image.slice(0, 60)}`, () => {
      const problems = checkAlso("accessories", { cache: { ...cache, image } });
      assert.deepEqual(
        problems.map(({ setting }) => setting),
        accepted ? [] : ["slipway:accessories.cache.image"],
      );
    });

  it("refuses variables of an accessory that are too long, and does not show secrets", () => {
    const environment = { A: long(128 * 1024) };
    const [variable] = checkAlso("accessories", { cache: { ...cache, environment } });
    assert.equal(variable?.setting, "slipway:accessories.cache.environment.A");
    assert.match(variable?.allowed ?? "", /128 KiB/);
    const config = {
      ...configured(),
      "slipway:accessories": asJson({ cache }),
      "slipway:accessorySecrets": asJson({ cache: environment }),
    };
    const { problems } = checkSettings(config, [...encrypted, "slipway:accessorySecrets"]);
    assert.deepEqual(
      problems.map(({ setting, value }) => [setting, value]),
      [["slipway:accessorySecrets.cache.A", undefined]],
    );
  });

  it("refuses a process whose start may take longer than its rollout waits", () => {
    const probes = { live: { command: ["bin/alive"] }, startSeconds: 400 };
    const [problem] = checkAlso("processes", { worker: { command: ["work"], probes } });
    assert.equal(problem?.setting, "slipway:processes.worker.deadlineSeconds");
    assert.match(formatProblems("dev", [problem ?? assert.fail()]), /worker\.deadlineSeconds' 400\n/);
  });

  it("refuses a registry with a port that does not exist", () => {
    const [problem] = checkAlso("pullSecret", { registry: "localhost:65536", username: "robot", password: "s3cret" });
    assert.equal(problem?.setting, "slipway:pullSecret.registry");
  });
});

describe("Text that YAML reads as something else", () => {
  for (const value of [true, false, 1.1, 1e21])
    it(`is refused as ${value}, with the text to write`, () => {
      const { settings, problems } = check("web.environment", { DEBUG: value });
      assert.equal(settings, undefined);
      assert.equal(
        formatProblems("dev", problems).split("\n").slice(2).join("\n"),
        `  slipway:web.environment.DEBUG is ${value}; allowed: text or a whole number; anything else in quotes, as in "false" or "1.10"
    write it in quotes in Pulumi.dev.yaml: "${value}"
`,
      );
    });

  it("is refused in build arguments and commands as well", () => {
    const build = { ...good.release, build: { context: "app", args: { PYTHON: 3.1 } } };
    assert.match(
      formatProblems("dev", check("release", build).problems),
      /args\.PYTHON is 3\.1; .*\n +write it in quotes in Pulumi\.dev\.yaml: "3\.1"\n/,
    );
    assert.match(
      formatProblems("dev", check("web.command", ["sleep", 60]).problems),
      /web\.command\[1\] is 60; .*\n +write it in quotes in Pulumi\.dev\.yaml: "60"\n/,
    );
  });

  it("does not show what is stored encrypted", () => {
    const { problems } = checkSettings(configured("web.environment", { PIN: 1234.5 }), [...encrypted, "slipway:web"]);
    assert.doesNotMatch(formatProblems("dev", problems), /1234/);
  });
});

describe("Names of settings that every JavaScript object has", () => {
  it("are there only if somebody set them", () => {
    const secrets = { ...configured("web.environment", { valueOf: "x" }), "slipway:secrets": '{"constructor":"y"}' };
    assert.deepEqual(checkSettings(secrets, encrypted).problems, []);
    for (const key of ["constructor", "__proto__", "toString"]) {
      const { problems } = checkSettings({ ...configured(), [`slipway:${key}`]: "x" }, encrypted);
      assert.deepEqual(problems, [{ setting: `slipway:${key}` }]);
    }
  });
});
