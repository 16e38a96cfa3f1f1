import assert from "node:assert/strict";
import { parseDestination } from "../../settings/destinations.ts";
import { formatProblems } from "../../settings/problems.ts";
import { check, good } from "./sample-settings.ts";

describe("A destination", () => {
  const destinations: [text: string, to: string, port?: number][] = [
    ["mail", "mail"],
    ["mail:25", "mail", 25],
    ["internet", "internet"],
    ["internet:443", "internet", 443],
    ["10.0.0.0/8", "10.0.0.0/8"],
    ["10.0.0.0/8:5432", "10.0.0.0/8", 5432],
    ["203.0.113.7/32:65535", "203.0.113.7/32", 65535],
    ["2001:db8::/32", "2001:db8::/32"],
    ["::/0", "::/0"],
    ["[2001:db8::/32]:443", "2001:db8::/32", 443],
  ];
  for (const [text, to, port] of destinations)
    it(`can be ${text}`, () => {
      assert.deepEqual(parseDestination(text), { port: undefined, to, ...(port && { port }) });
    });

  const wrong = [
    ...["", ":25", "mail:", "mail:0", "mail:025", "mail:65536", "mail:smtp", "Mail", "mail 25"],
    ...["smtp.example.com", "smtp.example.com:25", "10.0.0.1", "10.0.0.1:25", "10.0.0.0/33", "10.0.0.0/8:25:26"],
    ...["2001:db8::/32:443", "2001:db8::1", "[2001:db8::/32]", "[10.0.0.0/8]:25", "[mail]:25", "[2001:db8::]:443"],
  ];
  for (const text of wrong)
    it(`can't be ${JSON.stringify(text)}`, () => {
      const { problems } = check("web", { ...good.web, allowTo: ["mail", text] });
      assert.deepEqual(
        problems.map(({ setting }) => setting),
        ["slipway:web.allowTo[1]"],
      );
      const message = formatProblems("dev", problems);
      assert.match(message, /allowed: .* as in mail, mail:25, .*no host names/);
      assert.match(message, /config set --stack dev --path 'slipway:web\.allowTo\[1\]' mail:25$/m);
    });

  it("is listed once, in a list that is not empty", () => {
    const allowed = (allowTo: unknown) => check("web", { ...good.web, allowTo }).problems[0]?.allowed;
    assert.match(allowed(["mail:25", "mail:25"]) ?? "", /each of them once/);
    assert.match(allowed([]) ?? "", /at least one/);
    assert.match(allowed("mail") ?? "", /a list of namespaces/);
    assert.equal(allowed(["mail:25", "mail:587"]), undefined);
  });
});
