import assert from "node:assert/strict";
import fc from "fast-check";
import { redactor } from "../../diagnosis/redactor.ts";

const secret = 'p@ss/w+rd "q" ü~!';

describe("The redactor", () => {
  it("hides a value in plain text, escaped, URL-encoded in any way, in base64 and in hexadecimal", () => {
    const hide = redactor([secret]);
    const forms = [
      secret,
      JSON.stringify(secret),
      encodeURIComponent(secret),
      encodeURIComponent(secret).toLowerCase(),
      encodeURI(secret),
      new URLSearchParams({ secret }).toString(),
      secret.replaceAll(/["'~! ]/g, "\\$&"),
      Buffer.from(secret).toString("base64"),
      Buffer.from(secret).toString("base64url"),
      Buffer.from(`user:${secret}`).toString("base64"),
      Buffer.from(secret).toString("hex").toUpperCase(),
    ];
    for (const form of forms) assert.match(hide(`before ${form} after`), /^before \S*\[secret\]\S* after$/, form);
  });

  it("hides a value at any position of a longer text in base64", () => {
    const hide = redactor(["s3cret-t0ken"]);
    const whole = Buffer.from("s3cret-t0ken").toString("base64").replace(/=+$/, "");
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 9 }), fc.uint8Array({ maxLength: 9 }), (before, after) => {
        const shown = hide(Buffer.concat([before, Buffer.from("s3cret-t0ken"), after]).toString("base64"));
        assert.ok(shown.includes("[secret]"));
        assert.ok(!shown.includes(whole.slice(0, -1)));
      }),
    );
  });

  it("hides any value from any text that contains it", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 4 }), fc.string(), fc.string(), (value, before, after) => {
        fc.pre(value.trim().length >= 4);
        assert.ok(!redactor([value])(`${before}${value}${after}`).includes(value.trim()));
      }),
    );
  });

  it("hides each line of a value with several lines", () => {
    const hide = redactor(["-----BEGIN KEY-----\nMIIEvQIBADAN\nBgkqhkiG9w0B\n-----END KEY-----\n"]);
    assert.equal(hide("  | BgkqhkiG9w0B"), "  | [secret]");
  });

  it("hides the longer of two values that begin alike completely", () => {
    assert.equal(redactor(["token", "token-of-prod"])("token-of-prod"), "[secret]");
  });

  it("hides a very short value only as a whole word", () => {
    assert.equal(redactor(["a1"])("a1 said a1b2, pin=a1"), "[secret] said a1b2, pin=[secret]");
  });

  it("hides the pieces of a password at which a URL would end", () => {
    const hide = redactor(["abcd/efgh#ijkl?mn"]);
    assert.equal(
      hide('invalid port ":abcd" after host, path /efgh, fragment #ijkl'),
      'invalid port ":[secret]" after host, path /[secret], fragment #[secret]',
    );
    assert.equal(hide("abcd%2Fefgh%23ijkl%3Fmn"), "[secret]");
    assert.equal(hide("abcde, xefgh and mn are other words"), "abcde, xefgh and mn are other words");
  });

  it("hides the password of a URL alone, encoded or not, and not the rest of the URL", () => {
    const hide = redactor(["postgres://shop:s3cr%2Fet-0@db.example.com/orders"]);
    assert.equal(
      hide("shop at db.example.com/orders: s3cr/et-0, s3cr%2fet-0, s3cr"),
      "shop at db.example.com/orders: [secret], [secret], [secret]",
    );
    assert.equal(redactor(["postgres://shop:s3cr/et-0@db"])('port "s3cr" of postgres'), 'port "[secret]" of postgres');
  });

  it("changes nothing if there are no secrets", () => {
    assert.equal(redactor([])("as it is"), "as it is");
    assert.equal(redactor(["", "\n"])("as it is"), "as it is");
  });
});
