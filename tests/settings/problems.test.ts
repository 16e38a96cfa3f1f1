import assert from "node:assert/strict";
import { checkSettings } from "../../settings/load.ts";
import { formatProblems } from "../../settings/problems.ts";
import { asJson, check, configured, encrypted, settingsOf } from "./sample-settings.ts";

describe("Settings", () => {
  it("keeps only the password of the login for a registry encrypted", () => {
    const pullSecret = { username: "robot", password: "s3cret" };
    const config = { ...configured(), "slipway:pullSecret": asJson(pullSecret) };
    const { settings, problems } = checkSettings(config, [...encrypted, "slipway:pullSecret"]);
    assert.deepEqual([settings?.pullSecret, problems], [pullSecret, []]);
    const message = formatProblems("dev", checkSettings(config, encrypted).problems);
    assert.match(message, /^1 problem .*slipway:pullSecret\.password; allowed: an encrypted value/s);
    assert.match(message, /config set --stack dev --secret --path 'slipway:pullSecret\.password' VALUE/);
    assert.doesNotMatch(message, /s3cret/);
  });

  it("names each plain-text secret by itself, so that no command overwrites the others, and shows no value", () => {
    const config = { ...configured(), "slipway:secrets": '{"TOKEN":"s3cret-one","KEY":"s3cret-two"}' };
    const { problems } = checkSettings(config, []);
    const secrets = ["slipway:databasePassword", "slipway:secrets.TOKEN", "slipway:secrets.KEY"];
    assert.deepEqual(settingsOf(problems), secrets);
    const message = formatProblems("dev", problems);
    for (const secret of secrets)
      assert.ok(message.includes(`pulumi config set --stack dev --secret --path '${secret}' VALUE`), message);
    assert.doesNotMatch(message, /s3cret|correct-horse/);
  });

  it("does not show the value of a wrong secret", () => {
    assert.ok(!formatProblems("dev", check("databasePassword", "hunter2").problems).includes("hunter2"));
  });

  it("refuses an encrypted value among plain settings, and does not show it", () => {
    const config = configured("web.environment", { TOKEN: "correct-horse", "not a name": "battery-staple" });
    const { problems } = checkSettings(config, [...encrypted, "slipway:web"]);
    assert.deepEqual(problems[0]?.setting, "slipway:web");
    assert.match(problems[0]?.allowed ?? "", /secrets go to slipway:secrets/);
    const message = formatProblems("dev", problems);
    const command = "pulumi config set --stack dev --secret --path 'slipway:secrets.NAME' VALUE";
    assert.ok(message.includes(command), message);
    assert.doesNotMatch(message, /correct-horse|battery-staple/);
    const port = checkSettings(configured("web.port", "correct-horse"), [...encrypted, "slipway:web"]).problems;
    assert.doesNotMatch(formatProblems("dev", port), /correct-horse/);
  });

  it("reports every problem at once, with what is allowed and the command to type", () => {
    const config = { ...configured("web.port", "http"), "slipway:namespace": "Shop", "slipway:colour": "red" };
    assert.equal(
      formatProblems("dev", checkSettings(config, encrypted).problems),
      `3 problems in Pulumi.dev.yaml; nothing was contacted and nothing changed.

  slipway:namespace is "Shop"; allowed: at most 63 lower-case letters, digits and "-", as in my-app; not default or kube-…, which the cluster owns
    pulumi config set --stack dev --path 'slipway:namespace' my-app
  slipway:web.port is "http"; allowed: a whole number from 1 to 65535
    pulumi config set --stack dev --path 'slipway:web.port' 8000
  slipway:colour: there is no such setting
    pulumi config rm --stack dev --path 'slipway:colour'
`,
    );
  });
});
