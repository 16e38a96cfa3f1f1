import assert from "node:assert/strict";
import { plainSecret } from "../../policy/plain-secrets.ts";
import { unknown } from "../../policy/unknown-values.ts";
import { deployment, describeRule, object, violations } from "./rule-tests.ts";

const variable = (name: string, value: unknown) => deployment({ env: [{ name, value }] });
const map = (data: object) => object("core/v1:ConfigMap", { data });
const token = `ghp_${"a".repeat(36)}`;

describeRule(plainSecret, {
  accepts: {
    "a reference to a Secret": deployment({
      env: [{ name: "PGPASSWORD", valueFrom: { secretKeyRef: { name: "a" } } }],
    }),
    "the path of a secret": variable("PASSWORD_FILE", "/run/secrets/password"),
    "an ordinary value": variable("LOG_LEVEL", "debug"),
    "an empty value": variable("API_TOKEN", ""),
    "an unknown value": variable("API_TOKEN", unknown),
    "an address without a password": variable("BROKER", "amqp://queue:5672/app@1"),
    "an address with a reference to a password": variable("BROKER", "amqp://app:$(PASSWORD)@queue"),
    "a command that reads a password from a file": deployment({
      command: ["sh", "-c", "PASSWORD=$(cat /run/password) exec app"],
    }),
    "a file that mentions passwords": map({ "pg_hba.conf": "host all all scram-sha-256 # password" }),
    "a folder": variable("PWD", "/app"),
    "the path of a kubeconfig": deployment({
      env: [{ name: "KUBECONFIG", value: "/etc/admin.conf:~/.kube/config" }],
      args: ["--kubeconfig=/etc/kubeconfig", "--kubeconfig", "config.yaml"],
    }),
    "an option with a reference to a variable": deployment({
      args: ["--password=$(PASSWORD)", "--token", "$(API_TOKEN)"],
      env: [{ name: "DB_PASS", value: "$(PGPASSWORD)" }],
    }),
    "options without a value": deployment({ command: ["psql", "--no-password", "app"], args: ["--password", "-h"] }),
    "an option at the end, and one with an unknown value": deployment({
      command: ["ask", "--password"],
      args: ["--token", unknown],
    }),
    "a Secret": object("core/v1:Secret", { stringData: { password: "hunter2" } }),
  },
  refuses: {
    "a password, by its name": [
      variable("PGPASSWORD", "hunter2"),
      /web has a value under a name for secrets in its variable PGPASSWORD/,
    ],
    "a token, by its name": [variable("github-token", "x"), /in its variable github-token/],
    "a key, by its name": [variable("STRIPE_API_KEY", "x"), /in its variable STRIPE_API_KEY/],
    "a token of GitHub under another name": [
      variable("PLAIN", token),
      /web has a token of GitHub in its variable PLAIN/,
    ],
    "a key of AWS under another name": [variable("PLAIN", "AKIAIOSFODNN7EXAMPLE"), /an access key of AWS/],
    "an address with a password": [variable("URL", "postgres://app:hunter2@db/app"), /a password in an address/],
    "a signed token": [
      variable("PLAIN", `eyJ${"a".repeat(20)}.eyJ${"b".repeat(20)}.${"c".repeat(20)}`),
      /a signed token/,
    ],
    "an option of a command": [deployment({ args: ["--password=hunter2"] }), /a value under a name .* in its args/],
    "an option and its value": [
      deployment({ args: ["serve", "--password", "hunter2"] }),
      /web has a value under a name for secrets in its args/,
    ],
    "a token of GitHub after an option": [deployment({ args: ["--header", token] }), /a token of GitHub in its args/],
    ...Object.fromEntries(
      ["ENCRYPTION_KEY", "SIGNING_KEY", "DB_PASS", "DB_PWD", "SECRET_KEY_BASE", "api-key"].map((name) => [
        `a value of ${name}`,
        [variable(name, "x"), new RegExp(`in its variable ${name}`)],
      ]),
    ),
    "a kubeconfig": [variable("KUBECONFIG", "apiVersion: v1\nkind: Config"), /in its variable KUBECONFIG/],
    "a long kubeconfig": [variable("KUBECONFIG", "a".repeat(256)), /in its variable KUBECONFIG/],
    "a word of a command": [deployment({ command: ["curl", "https://me:hunter2@example.com"] }), /in its command/],
    "a ConfigMap's key": [map({ "api-token": "x" }), /data\[api-token\] holds a value under a name/],
    "a ConfigMap's file": [
      map({ "tls.pem": "-----BEGIN RSA PRIVATE KEY-----\n" }),
      /data\[tls\.pem\] holds a private key/,
    ],
    "a ConfigMap's bytes": [
      object("core/v1:ConfigMap", { binaryData: { a: Buffer.from(token).toString("base64") } }),
      /binaryData\[a\] holds a token of GitHub/,
    ],
  },
});

describe("The violation of plain-secret", () => {
  it("does not show the secret", async () => {
    const [message = ""] = await violations(plainSecret, [variable("URL", "postgres://app:hunter2@db/app")]);
    assert.match(message, /a password in an address/);
    assert.doesNotMatch(message, /hunter2/);
  });
});
