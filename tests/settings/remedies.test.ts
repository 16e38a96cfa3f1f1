import assert from "node:assert/strict";
import { report } from "../../settings/load.ts";
import { check, good } from "./sample-settings.ts";

describe("What an error of the settings says to type", () => {
  const within: [what: string, path: string, value: unknown, command: string][] = [
    ["a missing mapping", "cluster", undefined, "set --stack dev --path 'slipway:cluster.context' slipway-sandbox"],
    [
      "an empty list",
      "release.build.platforms",
      [],
      "set --stack dev --path 'slipway:release.build.platforms[0]' linux/amd64",
    ],
    [
      "text in place of a list",
      "web.migrate",
      "alembic upgrade head",
      "rm --stack dev --path 'slipway:web.migrate' && pulumi config set --stack dev --path 'slipway:web.migrate[0]' alembic",
    ],
    [
      "text in place of a mapping of its own names",
      "web.environment",
      "x",
      "rm --stack dev --path 'slipway:web.environment' && pulumi config set --stack dev --path 'slipway:web.environment.NAME' VALUE",
    ],
    ["a secret in place of a mapping", "secrets", "x", "set --stack dev --secret --path 'slipway:secrets.NAME' VALUE"],
  ];
  for (const [what, path, value, command] of within)
    it(`says how to set what belongs into a list or a mapping: ${what}`, () => {
      const { problems } = check(path, value);
      assert.equal(report("dev", problems).split("\n")[3], `    pulumi config ${command}`);
    });

  it("shows an example of what belongs into a list", () => {
    const { problems } = check("web", { ...good.web, allowFrom: ["10.0.0.0/16", "10.0.0.0/33"] });
    assert.match(
      report("prod", problems),
      /pulumi config set --stack prod --path 'slipway:web\.allowFrom\[1\]' ingress-nginx/,
    );
  });

  it("says how to take out what may not be there", () => {
    const { problems } = check("web", { ...good.web, host: "shop.example.com", nodePort: 30080 });
    assert.match(report("dev", problems), /pulumi config rm --stack dev --path 'slipway:web\.nodePort'/);
  });

  it("quotes what a shell would make something else of", () => {
    const { problems } = check("database.backups", { schedule: "daily" });
    assert.match(report("dev", problems), /--path 'slipway:database\.backups\.schedule' '0 3 \* \* \*'\n/);
  });
});
