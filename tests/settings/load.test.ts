import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { checkSettings, loadSettings } from "../../settings/load.ts";
import { formatProblems } from "../../settings/problems.ts";
import { UserError } from "../../settings/user-error.ts";
import { asJson, check, configured, encrypted, good, promotion, settingsOf } from "./sample-settings.ts";

/** A web application with a host name. */
const hosted = { ...good.web, host: "shop.example.com" };
/** A database elsewhere. */
const elsewhere = { host: "db.example.com", name: "shop", user: "shop", addresses: ["10.0.0.5/32"] };

describe("Settings", () => {
  it("fills in the defaults", () => {
    const { settings, problems } = check();
    assert.deepEqual(problems, []);
    assert.deepEqual(settings?.web.replicas, { min: 2, max: 2 });
    assert.deepEqual(settings?.web.resources, { cpu: "100m", cpuLimit: "1", memory: "384Mi" });
    assert.deepEqual(settings?.release.build?.platforms, ["linux/amd64"]);
    assert.equal(settings?.web.deadlineSeconds, 180);
    assert.equal(settings?.database?.protect, false);
    assert.deepEqual(settings?.cluster.dns, []);
  });

  it("accepts whole numbers as environment values", () => {
    const { settings } = check("web.environment", { WORKERS: 2, DEBUG: "false", NAME: "shop" });
    assert.deepEqual(settings?.web.environment, { WORKERS: "2", DEBUG: "false", NAME: "shop" });
  });

  it("accepts DNS servers of both IP versions", () => {
    const dns = ["169.254.20.10", "fd00::a"];
    const { settings, problems } = check("cluster", { ...good.cluster, dns });
    assert.deepEqual([settings?.cluster.dns, problems], [dns, []]);
  });

  it("needs no database, and then leaves its variables to the application", () => {
    const config = configured("web.environment", { PGHOST: "x" });
    const { "slipway:database": _, "slipway:databasePassword": __, ...rest } = config;
    assert.deepEqual(checkSettings(rest, encrypted).problems, []);
  });

  it("ignores the settings of other packages", () => {
    assert.deepEqual(checkSettings({ ...configured(), "aws:region": "eu-north-1" }, encrypted).problems, []);
  });

  const wrong: [path: string, value: unknown, allowed: RegExp | undefined, setting?: string][] = [
    ["colour", "red", undefined],
    ["web.colour", "red", undefined],
    ["web.probes.colour", "red", undefined],
    ["cluster", undefined, /mapping/],
    ["cluster.context", "", /context/],
    ["cluster.dns", "169.254.20.10", /list of IP addresses/],
    ["cluster.dns", ["169.254.20.10/32"], /an IP address, as in/, "cluster.dns[0]"],
    ["cluster.dns", ["node-local-dns"], /an IP address, as in/, "cluster.dns[0]"],
    ["namespace", "Shop_Dev", /lower-case/],
    ["namespace", "a".repeat(64), /63/],
    ["release.repository", "localhost:5000/shop:latest", /without a tag/],
    ["release.build.platforms", ["linux"], /linux\/arm64/, "release.build.platforms[0]"],
    ["release.build.platforms", [], /at least one/],
    ["release.build.migrations", "migrations", /list of paths.*as in migrations/],
    ["release.build.migrations", [], /at least one/],
    ["release.build.migrations", ["/migrations"], /inside .*build.context/, "release.build.migrations[0]"],
    ["release.build.migrations", ["../migrations"], /inside .*build.context/, "release.build.migrations[0]"],
    ["release.build.migrations", ["migrations/"], /inside .*build.context/, "release.build.migrations[0]"],
    ["release.build", undefined, /or set slipway:release.build/, "release.promoteFrom"],
    ["release", { ...promotion, promoteFrom: "a stack" }, /name of another stack/, "release.promoteFrom"],
    ["release.name", "1.17", /vN\.N/],
    ["release.name", "v1.017", /vN\.N/],
    ["release.breakGlass", "the outage of 3 May needs it", /no slipway:release.promoteFrom/],
    ["release", { ...promotion, breakGlass: "because" }, /20 to 200/, "release.breakGlass"],
    ["release.source", "http://example.com", /https/],
    ["web.port", "http", /from 1 to 65535/],
    ["web.port", 70000, /from 1 to 65535/],
    ["web.port", 80.5, /from 1 to 65535/],
    ["web.port", undefined, /from 1 to 65535/],
    ["web.replicas", 0, /from 1 to 100/],
    ["web.replicas", { min: 5, max: 2 }, /min at most max/],
    ["web.replicas", { min: "x", max: 2 }, /from 1 to 100/, "web.replicas.min"],
    ["web.migrate", "alembic upgrade head", /list of words/],
    ["web.environment", { "a b": "x" }, /letters, digits/, 'web.environment["a b"]'],
    ["web.environment", { SLIPWAY_IMAGE: "x" }, undefined, "web.environment.SLIPWAY_IMAGE"],
    ["web.environment", { PGHOST: "x" }, undefined, "web.environment.PGHOST"],
    ["web.environment", { ID: 1234567890123456789n }, /in quotes/, "web.environment.ID"],
    ["web.environment", { A: { b: 1 } }, /text or a whole number/, "web.environment.A"],
    ["web.probes.ready", undefined, /begins with \//],
    ["web.probes.live", "live", /begins with \//],
    ["web.probes.live", { command: "bin/alive" }, /list of words/, "web.probes.live.command"],
    ["web.probes.port", 80, /from 1024/],
    ["web.probes.host", "http://shop", /host name in lower case/],
    ["web.user", 0, /from 1/],
    ["web.resources", { memory: "lots" }, /quantity/, "web.resources.memory"],
    ["web.resources", { memory: "384" }, /at least 16Mi/, "web.resources.memory"],
    ["web.nodePort", 80, /30000/],
    ["web", { ...hosted, nodePort: 30080 }, /nothing/, "web.nodePort"],
    ["web.allowFrom", [], /at least one/],
    ["web.allowFrom", ["10.0.0.0/33"], /namespace.*range of addresses/, "web.allowFrom[0]"],
    ["web.host", "App.example.com", /lower case/],
    ["web.host", "not a host", /host name/],
    ["web.tls", {}, /nothing, if slipway:web\.host is not set/],
    ["web.ingressAnnotations", {}, /nothing, if slipway:web\.host is not set/],
    ["web.ingressAnnotations", { "no name": "x" }, /name of an annotation/, 'web.ingressAnnotations["no name"]'],
    ["web", { ...hosted, ingressAnnotations: { a: [] } }, /text, a whole number/, "web.ingressAnnotations.a"],
    ["web", { ...hosted, tls: { issuer: "Sandbox" } }, /ClusterIssuer.*issuer\/NAME/, "web.tls.issuer"],
    ["web", { ...hosted, tls: { issuer: "other/sandbox" } }, /ClusterIssuer/, "web.tls.issuer"],
    ["web", { ...hosted, tls: { secret: "web_tls" } }, /lower-case/, "web.tls.secret"],
    ["secrets", { PGPASSWORD: "x" }, undefined, "secrets.PGPASSWORD"],
    ["database.image", "postgres", /begins with its version/],
    ["database.storage", "10 GB", /quantity/],
    ["database.protect", "yes", /true or false/],
    ["database.name", "drop table", /lower-case/],
    ["database.name", "pg_app", /no name of PostgreSQL's own/],
    ["database.name", "postgres", /no name of PostgreSQL's own/],
    ["database.name", "a".repeat(41), /at most 40/],
    ["database.resources", { memory: "256" }, /at least 16Mi/, "database.resources.memory"],
    ["database.databases", ["Queue"], /lower-case/, "database.databases[0]"],
    ["database.databases", ["queue", "queue"], /each of them once/],
    ["database.databases", ["app"], /other names than/],
    ["database.databases", ["app_restoring"], /other names than/],
    [
      "database",
      { ...good.database, databases: ["queue"], backups: {} },
      /nothing.*one database/,
      "database.databases",
    ],

    ["database", { external: { ...elsewhere, addresses: undefined } }, /list of ranges/, "database.external.addresses"],
    ["database", { external: { ...elsewhere, addresses: [] } }, /at least one/, "database.external.addresses"],
    [
      "database",
      { external: { ...elsewhere, addresses: ["10.0.0.5"] } },
      /10\.0\.0\.5\/32/,
      "database.external.addresses[0]",
    ],
    ["database", { external: { ...elsewhere, host: "db.example.com:5432" } }, /host name/, "database.external.host"],
    ["database", { external: { ...elsewhere, user: "shop@db" } }, /letters/, "database.external.user"],
    ["database", { external: { ...elsewhere, tls: { mode: "prefer" } } }, /verify-full/, "database.external.tls.mode"],
    ["database", { external: { ...elsewhere, tls: { ca: "rds.pem" } } }, /PEM/, "database.external.tls.ca"],
    ["database", { external: { ...elsewhere, colour: "red" } }, undefined, "database.external.colour"],
    ["database", undefined, undefined, "databasePassword"],
    ["web.environment", { PGPASSWORD_URL: "x" }, undefined, "web.environment.PGPASSWORD_URL"],
    ["web.environment", { A: "$(B)", B: "$(A)/x", C: "$(A)", D: "$$(D)" }, /A → B → A/, "web.environment.A"],
    ["databasePassword", undefined, /8 to 128/],
    ["databasePassword", "short", /8 to 128/],
  ];
  for (const [path, value, allowed, setting = path] of wrong) {
    it(`refuses ${path} = ${asJson(value)}`, () => {
      const { settings, problems } = check(path, value);
      assert.equal(settings, undefined);
      assert.deepEqual(settingsOf(problems), [`slipway:${setting}`]);
      if (allowed) assert.match(problems[0]?.allowed ?? "", allowed);
      else assert.match(formatProblems("dev", problems), /pulumi config rm --stack dev --path '/);
    });
  }

  it("accepts a database elsewhere, with a checked certificate", () => {
    const { settings, problems } = check("database", { external: elsewhere });
    assert.deepEqual(problems, []);
    const tls = { mode: "verify-full" };
    assert.deepEqual(settings?.database, { external: { ...elsewhere, port: 5432, tls } });
    const reserved = { ...configured("database", { external: elsewhere }) };
    reserved["slipway:web"] = asJson({ ...good.web, environment: { PGSSLMODE: "disable" } });
    assert.deepEqual(settingsOf(checkSettings(reserved, encrypted).problems), ["slipway:web.environment.PGSSLMODE"]);
  });

  it("refuses the container's settings of a database elsewhere, each by its name", () => {
    const { problems } = check("database", { external: elsewhere, image: "postgres:17", backups: {} });
    assert.deepEqual(settingsOf(problems), ["slipway:database.image", "slipway:database.backups"]);
    assert.ok(problems.every(({ allowed }) => allowed === "nothing, if slipway:database.external is set"));
  });

  it("refuses $(PGPASSWORD) in a URL if its characters have to be encoded there, and says what to type", () => {
    const url = "postgres://$(PGUSER):$(PGPASSWORD)@$(PGHOST)/$(PGDATABASE)";
    const config = configured("web.environment", { DATABASE_URL: url, PASSWORD: "$(PGPASSWORD)" });
    assert.deepEqual(checkSettings(config, encrypted).problems, []);
    const unsafe = { ...config, "slipway:databasePassword": "correct/horse" };
    const message = formatProblems("dev", checkSettings(unsafe, encrypted).problems);
    const command = `pulumi config set --stack dev --path 'slipway:web.environment.DATABASE_URL' '${url.replace("PASSWORD", "PASSWORD_URL")}'`;
    assert.ok(message.startsWith("1 problem "), message);
    assert.ok(message.includes(command), message);
    assert.doesNotMatch(message, /correct/);
    const encoded = asJson({ ...good.web, environment: { DATABASE_URL: url.replace("PASSWORD", "PASSWORD_URL") } });
    assert.deepEqual(checkSettings({ ...unsafe, "slipway:web": encoded }, encrypted).problems, []);
    const renamed = asJson({ ...good.web, environment: { DB_URL: "postgres://$(P)@db", P: "$(PGPASSWORD)" } });
    const indirect = checkSettings({ ...unsafe, "slipway:web": renamed }, encrypted).problems;
    assert.deepEqual(
      indirect.map(({ setting, example }) => [setting, example]),
      [["slipway:web.environment.DB_URL", "postgres://$(PGPASSWORD_URL)@db"]],
    );
    const migrate = asJson({ ...good.web, migrate: ["migrate", "-database", url] });
    const { problems } = checkSettings({ ...unsafe, "slipway:web": migrate }, encrypted);
    assert.deepEqual(settingsOf(problems), ["slipway:web.migrate[2]"]);
  });

  it("returns a release to promote without a build", () => {
    const { settings } = check("release", promotion);
    assert.deepEqual(settings?.release, { ...promotion, build: undefined, breakGlass: undefined });
  });

  it("refuses both a build and a promotion", () => {
    const { problems } = check("release", { ...good.release, name: "v1.17", promoteFrom: "test" });
    const message = formatProblems("staging", problems);
    assert.match(message, /a stack builds or promotes\n.*config rm .*slipway:release.promoteFrom/);
  });

  it("refuses a promotion without a name", () => {
    const { problems } = check("release", { repository: "localhost:5000/shop", promoteFrom: "test" });
    assert.equal(problems.length, 1);
    const command = /pulumi config set --stack staging --path 'slipway:release.name' v1.17/;
    assert.match(formatProblems("staging", problems), command);
  });

  it("refuses migrations without the command that runs them", () => {
    const config = configured("release.build", { context: "app", migrations: ["migrations"] });
    assert.deepEqual(checkSettings(config, encrypted).problems, []);
    const web = asJson({ ...good.web, migrate: undefined });
    const message = formatProblems("dev", checkSettings({ ...config, "slipway:web": web }, encrypted).problems);
    assert.match(message, /^1 problem.*build\.migrations; allowed: nothing, if there is no slipway:web\.migrate$/ms);
    assert.match(message, /pulumi config rm --stack dev --path 'slipway:release\.build\.migrations'/);
  });

  it("accepts an issuer of the cluster or of the namespace, and annotations as text", () => {
    for (const issuer of ["sandbox", "issuer/sandbox", "lets.encrypt"]) {
      const ingressAnnotations = { "a.b/c": true, d: 8 };
      const { settings, problems } = check("web", { ...hosted, tls: { issuer }, ingressAnnotations });
      assert.deepEqual(problems, []);
      assert.deepEqual(settings?.web.tls, { issuer, secret: "web-tls" });
      assert.deepEqual(settings?.web.ingressAnnotations, { "a.b/c": "true", d: "8" });
    }
  });

  it("accepts commands in place of the probes' paths, and then neither a port nor a host for them", () => {
    const command = ["bin/alive"];
    const probes = { live: { command }, ready: "/ready", port: 9000, host: "shop.example.com" };
    assert.deepEqual(check("web.probes", probes).settings?.web.probes, { ...probes, startSeconds: 60 });
    const { problems } = check("web.probes", { ...probes, ready: { command } });
    assert.deepEqual(settingsOf(problems), ["slipway:web.probes.port", "slipway:web.probes.host"]);
    assert.match(problems[0]?.allowed ?? "", /^nothing, if live and ready are commands$/);
  });

  it("refuses a name that is both a secret and a plain variable", () => {
    const config = { ...configured("web.environment", { TOKEN: "x" }), "slipway:secrets": '{"TOKEN":"y"}' };
    assert.deepEqual(settingsOf(checkSettings(config, encrypted).problems), ["slipway:web.environment.TOKEN"]);
  });
});

describe("loadSettings", () => {
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

  it("returns secrets as secret outputs", async () => {
    const settings = await load({ ...configured(), "slipway:secrets": '{"TOKEN":"s3cret"}' });
    assert.equal(settings.namespace, "shop-dev");
    assert.equal(await pulumi.isSecret(settings.databasePassword ?? pulumi.output("")), true);
    assert.equal(await pulumi.isSecret(settings.secrets.TOKEN ?? pulumi.output("")), true);
    assert.deepEqual(settings.buildSecrets, {});
    assert.equal(settings.pullSecret, undefined);
  });

  it("returns the password for a registry as a secret output, and its user as text", async () => {
    process.env.PULUMI_CONFIG_SECRET_KEYS = JSON.stringify([...encrypted, "slipway:pullSecret"]);
    const login = { registry: "registry.example.com:5000", username: "robot", password: "s3cret" };
    const { pullSecret } = await load({ ...configured(), "slipway:pullSecret": asJson(login) });
    process.env.PULUMI_CONFIG_SECRET_KEYS = JSON.stringify(encrypted);
    assert.deepEqual({ ...pullSecret, password: "" }, { ...login, password: "" });
    assert.equal(await pulumi.isSecret(pullSecret?.password ?? pulumi.output("")), true);
  });

  it("throws one error for people, without a stack trace", async () => {
    await assert.rejects(
      load({ "slipway:colour": "red" }),
      (error) => error instanceof UserError && /^5 problems in Pulumi\.dev\.yaml/.test(error.message),
    );
  });
});
