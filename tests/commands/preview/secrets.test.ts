import assert from "node:assert/strict";
import fc from "fast-check";
import { unknown } from "../../../commands/cli/sentence.ts";
import { hideSecrets } from "../../../commands/preview/secrets.ts";
import { textOf } from "../review/recorded.ts";

const signature = "4dabf18193072939515e22adb298388d";
const mark = { [signature]: "1b47061264138c4ac30d75fd1eb44270" };

describe("Hiding the secrets of a preview", () => {
  it("hides values that Pulumi marks as secret, encrypted or not", () => {
    const marked = { a: { ...mark, ciphertext: "v1:xyz" }, b: [{ ...mark, plaintext: '"swordfish"' }] };
    assert.deepEqual(hideSecrets(marked, []), { a: "[secret]", b: ["[secret]"] });
  });

  it("keeps values with other marks of Pulumi", () => {
    const asset = { [signature]: "0def7320c3a5731c473e5ecbe6d01bc7", path: "x" };
    assert.deepEqual(hideSecrets(asset, []), asset);
  });

  it("hides the values of a Secret, and keeps its keys", () => {
    const secret = (data: unknown, stringData: unknown) => ({ apiVersion: "v1", kind: "Secret", data, stringData });
    const hidden = secret({ a: "[secret]", b: "[secret]", c: "[secret]" }, { d: "[secret]" });
    assert.deepEqual(hideSecrets(secret({ a: "c3dvcmRmaXNo", b: "", c: "eA==" }, { d: "hunter2" }), []), hidden);
    assert.deepEqual(hideSecrets(secret({ a: "", b: 1, c: ["YQ=="] }, { d: "" }), []), hidden);
    for (const data of ["[secret]", "x", null, 7, ""])
      assert.deepEqual(hideSecrets(secret(data, data), []), secret("[secret]", "[secret]"));
  });

  it("keeps the data of other kinds", () => {
    for (const other of [
      { apiVersion: "v1", kind: "ConfigMap", data: { colour: "green" } },
      { apiVersion: "example.com/v1", kind: "Secret", data: { colour: "green" } },
    ])
      assert.deepEqual(hideSecrets(other, []), other);
  });

  it("hides a secret value everywhere else: in texts, in keys, in messages, encoded", () => {
    const preview = {
      secret: { apiVersion: "v1", kind: "Secret", data: { password: Buffer.from("swordfish").toString("base64") } },
      marked: { ...mark, plaintext: '{"deep":["correct-horse"]}' },
      texts: ["say swordfish twice: swordfish", "c3dvcmRmaXNo", { "key-correct-horse": 1 }],
      message: "error: login as swordfish failed, tried correct%2Dhorse",
      urn: "urn:pulumi:s::p::t::swordfish",
    };
    const text = JSON.stringify(hideSecrets(preview, []));
    for (const value of ["swordfish", "c3dvcmRmaXNo", "correct"]) assert.ok(!text.includes(value), text);
    assert.ok(text.includes("say [secret] twice: [secret]"), text);
  });

  it("hides values with a secret's name", () => {
    const names = (
      "SECRET_KEY_BASE SIGNING_KEY DB_PASS PASS MYSQL_PWD SMTP_PASSWD KEY_PASSPHRASE client-secret APIKEY PGPASSWORD " +
      "AWS_SECRET_ACCESS_KEY privateKey SECRET_KEY ENCRYPTION_KEY CREDENTIAL credentials kubeconfig API_TOKEN"
    ).split(" ");
    const others = "BYPASS PRIMARY_KEY PASSWORD_LENGTH TOKENS secretName HOST PGHOST".split(" ");
    const environment = (secret: string) => ({
      env: [...names.map((name) => ({ name, value: secret })), ...others.map((name) => ({ name, value: "yes" }))],
      dbPassword: secret,
    });
    assert.deepEqual(hideSecrets(environment("abc123abc"), []), environment("[secret]"));
  });

  it("keeps references to secrets", () => {
    const reference = {
      valueFrom: { secretKeyRef: { name: "database-login", key: "password" } },
      secretName: "web-tls",
      automountServiceAccountToken: false,
    };
    assert.deepEqual(hideSecrets(reference, []), reference);
  });

  it("hides a value everywhere if only a name or a URL says that it is secret", () => {
    const preview = (token: string, key: string, password: string, short: string) => ({
      variables: { API_TOKEN: token, SIGNING_KEY: key, PASS: short },
      args: [`--token=${token}`, `postgres://app:${password}@database/app`, password, "short", unknown],
    });
    assert.deepEqual(
      hideSecrets(preview("abc123abc", unknown, "s3cr3t-s3cr3t", "short"), []),
      preview("[secret]", "[secret]", "[secret]", "[secret]"),
    );
  });

  it("hides passwords in URLs, and copies of whole objects", () => {
    const preview = (copy: string, first: string, second: string) => ({
      annotations: { "kubectl.kubernetes.io/last-applied-configuration": copy },
      urls: [`postgres://app:${first}@database/app, HTTP://b:${second}@c`, "https://example.com:443/a@b"],
    });
    const hidden = preview("[secret]", "[secret]", "[secret]");
    assert.deepEqual(hideSecrets(preview('{"data":{"a":"b"}}', "s3cret", "other"), []), hidden);
  });

  it("hides the secrets of this process's environment", () => {
    const secrets = { SOME_TEST_TOKEN: "from-the-environment", SHORT_TOKEN: "sesame", TOO_SHORT_TOKEN: "short" };
    const values = { ...secrets, OLDPWD: "/a/folder" };
    Object.assign(process.env, values);
    try {
      const message = "it is from-the-environment, sesame, short, in /a/folder";
      assert.deepEqual(hideSecrets({ message }), { message: "it is [secret], [secret], short, in /a/folder" });
    } finally {
      for (const name of Object.keys(values)) delete process.env[name];
    }
  });

  it("hides any secret anywhere", () => {
    const value = fc.string({ minLength: 6, unit: "grapheme-ascii" }).map((text) => `q#${text.replace(/\s/g, "x")}`);
    const name = fc.constantFrom("op", "urn", "type", "kind", "apiVersion", "name", "message", "data", "a");
    fc.assert(
      fc.property(value, fc.array(name, { minLength: 1, maxLength: 4 }), (secret, path) => {
        const at = (inner: unknown) => path.reduceRight<unknown>((all, name) => ({ [name]: all }), inner);
        const preview = {
          marked: { ...mark, plaintext: JSON.stringify(secret) },
          text: at(secret),
          within: at(`c${secret}d`),
          inList: at([secret]),
          key: at({ [secret]: 1 }),
          step: { op: "update", urn: `urn:pulumi:qa::slipway::t::${secret}`, newState: { inputs: at(secret) } },
        };
        const found = JSON.stringify(hideSecrets(preview, []));
        assert.ok(!found.includes(JSON.stringify(secret).slice(1, -1)), found);
      }),
    );
  });

  it("keeps operations and types if a secret has the same text", () => {
    const secrets = ["update", "kubernetes", "pulumi"].map((value) => ({ ...mark, value }));
    const hidden = (urn: string) => hideSecrets({ secrets, step: { op: "update", urn } }, []).step;
    const types = "urn:pulumi:update::slipway::kubernetes:apps/v1:Deployment";
    assert.deepEqual(hidden(`${types}::kubernetes`), { op: "update", urn: `${types}::[secret]` });
    assert.deepEqual(hidden(`${types}::kubernetes::update`), { op: "update", urn: `${types}::[secret]::[secret]` });
    assert.deepEqual(hidden("update"), { op: "[secret]", urn: "[secret]" });
  });

  it("hides numbers, and long ones everywhere", () => {
    const long = [{ ...mark, plaintext: "123456" }, 123456, "n123456", 1234567];
    assert.deepEqual(hideSecrets(long, []), ["[secret]", "[secret]", "n[secret]", "[secret]"]);
    assert.deepEqual(hideSecrets([{ ...mark, value: 54321 }, 54321], []), ["[secret]", 54321]);
    assert.deepEqual(hideSecrets({ pin: { token: 1234 } }, []), { pin: { token: "[secret]" } });
    assert.deepEqual(hideSecrets({ n: 1234567, token: true }, []), { n: 1234567, token: true });
  });

  it("keeps a preview without readable secrets as it is", () => {
    const text = textOf("port");
    assert.deepEqual(hideSecrets(JSON.parse(text), []), JSON.parse(text));
  });
});
