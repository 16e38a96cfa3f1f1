import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { checkSettings, loadSettings, report } from "../../settings/load.ts";
import { UserError } from "../../settings/user-error.ts";
import { check, configured, encrypted, good, promotion, written } from "./sample-settings.ts";

describe("Settings", () => {
  it("fills in the defaults", () => {
    const { settings, problems } = check();
    assert.deepEqual(problems, []);
    assert.deepEqual(settings?.web.replicas, { min: 2, max: 2 });
    assert.deepEqual(settings?.web.resources, { cpu: "100m", cpuLimit: "1", memory: "384Mi" });
    assert.deepEqual(settings?.release.build?.platforms, ["linux/amd64"]);
    assert.equal(settings?.web.deadlineSeconds, 180);
    assert.equal(settings?.database?.protect, false);
  });

  it("takes numbers and booleans as environment values", () => {
    const { settings } = check("web.environment", { WORKERS: 2, DEBUG: false, NAME: "shop" });
    assert.deepEqual(settings?.web.environment, { WORKERS: "2", DEBUG: "false", NAME: "shop" });
  });

  it("takes DNS servers of both IP versions, and none by default", () => {
    const dns = ["169.254.20.10", "fd00::a"];
    const { settings, problems } = check("cluster", { ...good.cluster, dns });
    assert.deepEqual([settings?.cluster.dns, problems], [dns, []]);
    assert.deepEqual(check().settings?.cluster.dns, []);
  });

  it("does without a database where none is set", () => {
    const { "slipway:database": _, "slipway:databasePassword": __, ...config } = configured();
    assert.deepEqual(checkSettings(config, encrypted).problems, []);
  });

  it("leaves the settings of other packages alone", () => {
    assert.deepEqual(checkSettings({ ...configured(), "aws:region": "eu-north-1" }, encrypted).problems, []);
  });

  const wrong: [path: string, value: unknown, setting: string, allowed: RegExp | undefined][] = [
    ["colour", "red", "slipway:colour", undefined],
    ["web.colour", "red", "slipway:web.colour", undefined],
    ["web.probes.colour", "red", "slipway:web.probes.colour", undefined],
    ["cluster", undefined, "slipway:cluster", /mapping/],
    ["cluster.context", "", "slipway:cluster.context", /context/],
    ["cluster.dns", "169.254.20.10", "slipway:cluster.dns", /list of IP addresses/],
    ["cluster.dns", ["169.254.20.10/32"], "slipway:cluster.dns[0]", /an IP address, as in/],
    ["cluster.dns", ["node-local-dns"], "slipway:cluster.dns[0]", /an IP address, as in/],
    ["namespace", "Shop_Dev", "slipway:namespace", /lower-case/],
    ["namespace", "a".repeat(64), "slipway:namespace", /63/],
    ["release.repository", "localhost:5000/shop:latest", "slipway:release.repository", /without a tag/],
    ["release.build.platforms", ["linux"], "slipway:release.build.platforms[0]", /linux\/arm64/],
    ["release.build.platforms", [], "slipway:release.build.platforms", /at least one/],
    ["release.build.migrations", "migrations", "slipway:release.build.migrations", /list of paths.*as in migrations/],
    ["release.build.migrations", [], "slipway:release.build.migrations", /at least one/],
    [
      "release.build.migrations",
      ["/migrations"],
      "slipway:release.build.migrations[0]",
      /inside slipway:release.build.context/,
    ],
    [
      "release.build.migrations",
      ["../migrations"],
      "slipway:release.build.migrations[0]",
      /inside slipway:release.build.context/,
    ],
    [
      "release.build.migrations",
      ["migrations/"],
      "slipway:release.build.migrations[0]",
      /inside slipway:release.build.context/,
    ],
    ["web.port", "http", "slipway:web.port", /from 1 to 65535/],
    ["web.port", 70000, "slipway:web.port", /from 1 to 65535/],
    ["web.port", 80.5, "slipway:web.port", /from 1 to 65535/],
    ["web.port", undefined, "slipway:web.port", /from 1 to 65535/],
    ["web.replicas", 0, "slipway:web.replicas", /from 1 to 100/],
    ["web.replicas", { min: 5, max: 2 }, "slipway:web.replicas", /min at most max/],
    ["web.replicas", { min: "x", max: 2 }, "slipway:web.replicas.min", /from 1 to 100/],
    ["release.build", undefined, "slipway:release.promoteFrom", /or set slipway:release.build/],
    ["release", { ...promotion, promoteFrom: "a stack" }, "slipway:release.promoteFrom", /name of another stack/],
    ["release.name", "1.17", "slipway:release.name", /vN\.N/],
    ["release.name", "v1.017", "slipway:release.name", /vN\.N/],
    [
      "release.breakGlass",
      "the outage of 3 May needs it",
      "slipway:release.breakGlass",
      /no slipway:release.promoteFrom/,
    ],
    ["release", { ...promotion, breakGlass: "because" }, "slipway:release.breakGlass", /20 to 200/],
    ["release.source", "http://example.com", "slipway:release.source", /https/],
    ["web.migrate", "alembic upgrade head", "slipway:web.migrate", /list of words/],
    ["web.environment", { "a b": "x" }, 'slipway:web.environment["a b"]', /letters, digits/],
    ["web.environment", { SLIPWAY_IMAGE: "x" }, "slipway:web.environment.SLIPWAY_IMAGE", undefined],
    ["web.environment", { PGHOST: "x" }, "slipway:web.environment.PGHOST", undefined],
    ["secrets", { PGPASSWORD: "x" }, "slipway:secrets.PGPASSWORD", undefined],
    ["web.environment", { ID: 1234567890123456789n }, "slipway:web.environment.ID", /in quotes/],
    ["web.environment", { A: { b: 1 } }, "slipway:web.environment.A", /text, a number/],
    ["web.probes.ready", undefined, "slipway:web.probes.ready", /begins with \//],
    ["web.probes.live", "live", "slipway:web.probes.live", /begins with \//],
    ["web.user", 0, "slipway:web.user", /from 1/],
    ["web.resources", { memory: "lots" }, "slipway:web.resources.memory", /quantity/],
    ["web.resources", { memory: "384" }, "slipway:web.resources.memory", /at least 16Mi/],
    ["web.nodePort", 80, "slipway:web.nodePort", /30000/],
    ["web.allowFrom", [], "slipway:web.allowFrom", /at least one/],
    ["web.allowFrom", ["10.0.0.0/33"], "slipway:web.allowFrom[0]", /namespace.*range of addresses/],
    ["web.host", "App.example.com", "slipway:web.host", /lower case/],
    ["web.host", "not a host", "slipway:web.host", /host name/],
    ["web.tls", {}, "slipway:web.tls", /nothing, where slipway:web\.host is not set/],
    ["web.ingressAnnotations", {}, "slipway:web.ingressAnnotations", /nothing, where slipway:web\.host is not set/],
    [
      "web.ingressAnnotations",
      { "no name": "x" },
      'slipway:web.ingressAnnotations["no name"]',
      /name of an annotation/,
    ],
    [
      "web",
      { ...good.web, host: "a.b", ingressAnnotations: { a: [] } },
      "slipway:web.ingressAnnotations.a",
      /text, a number/,
    ],
    [
      "web",
      { ...good.web, host: "shop.example.com", tls: { issuer: "Sandbox" } },
      "slipway:web.tls.issuer",
      /ClusterIssuer.*issuer\/NAME/,
    ],
    [
      "web",
      { ...good.web, host: "shop.example.com", tls: { issuer: "other/sandbox" } },
      "slipway:web.tls.issuer",
      /ClusterIssuer/,
    ],
    [
      "web",
      { ...good.web, host: "shop.example.com", tls: { secret: "web_tls" } },
      "slipway:web.tls.secret",
      /lower-case/,
    ],
    ["database.image", "postgres", "slipway:database.image", /begins with its version/],
    ["database.storage", "10 GB", "slipway:database.storage", /quantity/],
    ["database.protect", "yes", "slipway:database.protect", /true or false/],
    ["database.name", "drop table", "slipway:database.name", /lower-case/],
    ["database.name", "pg_app", "slipway:database.name", /no name of PostgreSQL's own/],
    ["database.name", "postgres", "slipway:database.name", /no name of PostgreSQL's own/],
    ["database.name", "a".repeat(41), "slipway:database.name", /at most 40/],
    ["database.resources", { memory: "256" }, "slipway:database.resources.memory", /at least 16Mi/],
    ["database", undefined, "slipway:databasePassword", undefined],
    ["databasePassword", undefined, "slipway:databasePassword", /8 to 128/],
    ["databasePassword", "short", "slipway:databasePassword", /8 to 128/],
  ];
  for (const [path, value, setting, allowed] of wrong) {
    it(`refuses ${path} = ${written(value)}`, () => {
      const { settings, problems } = check(path, value);
      assert.equal(settings, undefined);
      assert.deepEqual(
        problems.map((problem) => problem.setting),
        [setting],
      );
      if (allowed) assert.match(problems[0]?.allowed ?? "", allowed);
      else assert.match(report("dev", problems), /pulumi config rm --stack dev --path '/);
    });
  }

  it("promotes a release instead of building one", () => {
    const { settings } = check("release", promotion);
    assert.deepEqual(settings?.release, { ...promotion, build: undefined, breakGlass: undefined });
  });

  it("refuses both to build and to promote", () => {
    const { problems } = check("release", { ...good.release, name: "v1.17", promoteFrom: "test" });
    assert.match(report("staging", problems), /a stack builds or promotes\n.*config rm .*slipway:release.promoteFrom/);
  });

  it("refuses to promote what has no name", () => {
    const { problems } = check("release", { repository: "localhost:5000/shop", promoteFrom: "test" });
    assert.equal(problems.length, 1);
    assert.match(report("staging", problems), /pulumi config set --stack staging --path 'slipway:release.name' v1.17/);
  });

  it("refuses migrations of which nothing says how to run them, and says how to take them out", () => {
    const build = { context: "app", migrations: ["migrations"] };
    assert.deepEqual(check("release.build", build).problems, []);
    const config = {
      ...configured("release.build", build),
      "slipway:web": written({ ...good.web, migrate: undefined }),
    };
    const said = report("dev", checkSettings(config, encrypted).problems);
    assert.match(
      said,
      /^1 problem.*slipway:release\.build\.migrations; allowed: nothing, where there is no slipway:web\.migrate$/ms,
    );
    assert.match(said, /pulumi config rm --stack dev --path 'slipway:release\.build\.migrations'/);
  });

  it("refuses two ways in", () => {
    const { problems } = check("web", { ...good.web, host: "shop.example.com", nodePort: 30080 });
    assert.deepEqual(
      problems.map(({ setting }) => setting),
      ["slipway:web.nodePort"],
    );
  });

  it("takes an issuer of the cluster or of the namespace, and annotations of the ingress as text", () => {
    for (const issuer of ["sandbox", "issuer/sandbox", "lets.encrypt"]) {
      const web = {
        ...good.web,
        host: "shop.example.com",
        tls: { issuer },
        ingressAnnotations: { "a.b/c": true, d: 8 },
      };
      const { settings, problems } = check("web", web);
      assert.deepEqual(problems, []);
      assert.deepEqual(settings?.web.tls, { issuer, secret: "web-tls" });
      assert.deepEqual(settings?.web.ingressAnnotations, { "a.b/c": "true", d: "8" });
    }
  });

  it("does not mind the database's variables where there is no database", () => {
    const {
      "slipway:database": _,
      "slipway:databasePassword": __,
      ...config
    } = configured("web.environment", { PGHOST: "x" });
    assert.deepEqual(checkSettings(config, encrypted).problems, []);
  });

  it("names each secret that is stored in the clear, so that none of the others is overwritten", () => {
    const config = { ...configured(), "slipway:secrets": '{"TOKEN":"s3cret-one","KEY":"s3cret-two"}' };
    const said = report("dev", checkSettings(config, ["slipway:databasePassword"]).problems);
    for (const name of ["TOKEN", "KEY"])
      assert.ok(said.includes(`pulumi config set --stack dev --secret --path 'slipway:secrets.${name}' VALUE`), said);
    assert.doesNotMatch(said, /s3cret/);
  });

  it("refuses a name that is both a secret and a plain variable", () => {
    const config = { ...configured("web.environment", { TOKEN: "x" }), "slipway:secrets": '{"TOKEN":"y"}' };
    assert.deepEqual(
      checkSettings(config, encrypted).problems.map(({ setting }) => setting),
      ["slipway:web.environment.TOKEN"],
    );
  });

  it("refuses a secret that is stored in the clear, and does not repeat it", () => {
    const { problems } = checkSettings(configured(), []);
    assert.deepEqual(
      problems.map(({ setting }) => setting),
      ["slipway:databasePassword"],
    );
    assert.ok(!report("dev", problems).includes("correct-horse"));
  });

  it("never shows the value of a secret that is wrong", () => {
    assert.ok(!report("dev", check("databasePassword", "hunter2").problems).includes("hunter2"));
  });

  it("refuses an encrypted value where it would be handed on in the clear, and does not show it", () => {
    const config = configured("web.environment", { TOKEN: "correct-horse", "not a name": "battery-staple" });
    const { problems } = checkSettings(config, [...encrypted, "slipway:web"]);
    assert.deepEqual(problems[0]?.setting, "slipway:web");
    assert.match(problems[0]?.allowed ?? "", /secrets go to slipway:secrets/);
    const said = report("dev", problems);
    assert.ok(said.includes("pulumi config set --stack dev --secret --path 'slipway:secrets.NAME' VALUE"), said);
    assert.doesNotMatch(said, /correct-horse|battery-staple/);
    const port = checkSettings(configured("web.port", "correct-horse"), [...encrypted, "slipway:web"]).problems;
    assert.doesNotMatch(report("dev", port), /correct-horse/);
  });

  it("names every problem at once, with the stack, what is allowed and what to type", () => {
    const config = { ...configured("web.port", "http"), "slipway:namespace": "Shop", "slipway:colour": "red" };
    assert.equal(
      report("dev", checkSettings(config, encrypted).problems),
      `3 problems in Pulumi.dev.yaml; nothing was contacted and nothing changed.

  slipway:namespace is "Shop"; allowed: at most 63 lower-case letters, digits and "-", as in my-app
    pulumi config set --stack dev --path 'slipway:namespace' my-app
  slipway:web.port is "http"; allowed: a whole number from 1 to 65535
    pulumi config set --stack dev --path 'slipway:web.port' 8000
  slipway:colour: there is no such setting
    pulumi config rm --stack dev --path 'slipway:colour'
`,
    );
  });
});

describe("Settings of the running stack", () => {
  const load = async (config: Record<string, string>) => {
    await pulumi.runtime.setMocks({ call: () => ({}), newResource: () => ({ id: "", state: {} }) }, "slipway", "dev");
    pulumi.runtime.setAllConfig(config);
    return loadSettings();
  };

  before(() => {
    process.env.PULUMI_CONFIG_SECRET_KEYS = JSON.stringify(encrypted);
  });

  after(() => {
    delete process.env.PULUMI_CONFIG_SECRET_KEYS;
    pulumi.runtime.setAllConfig({});
  });

  it("are secret where they are secrets", async () => {
    const settings = await load({ ...configured(), "slipway:secrets": '{"TOKEN":"s3cret"}' });
    assert.equal(settings.namespace, "shop-dev");
    assert.equal(await pulumi.isSecret(settings.databasePassword ?? pulumi.output("")), true);
    assert.equal(await pulumi.isSecret(settings.secrets.TOKEN ?? pulumi.output("")), true);
    assert.deepEqual(settings.buildSecrets, {});
  });

  it("end the program with one message, without a stack trace, where they are wrong", async () => {
    await assert.rejects(load({ "slipway:colour": "red" }), (error) => {
      assert.ok(error instanceof UserError);
      assert.match((error as Error).message, /^5 problems in Pulumi\.dev\.yaml/);
      return true;
    });
  });
});
