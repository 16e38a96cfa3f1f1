import assert from "node:assert/strict";
import { formatProblems } from "../../settings/problems.ts";
import { check, good } from "./sample-settings.ts";

const allowFrom = ["10.0.0.0/16", "10.0.0.0/33"];

describe("The command to type", () => {
  const commands: [title: string, path: string, value: unknown, command: string][] = [
    [
      "sets the first key of a missing mapping",
      "cluster",
      undefined,
      "set --stack dev --path 'slipway:cluster.context' slipway-sandbox",
    ],
    [
      "sets the first entry of an empty list",
      "release.build.platforms",
      [],
      "set --stack dev --path 'slipway:release.build.platforms[0]' linux/amd64",
    ],
    [
      "removes text before it sets an entry of a list",
      "web.migrate",
      "alembic upgrade head",
      "rm --stack dev --path 'slipway:web.migrate' && pulumi config set --stack dev --path 'slipway:web.migrate[0]' alembic",
    ],
    [
      "removes text before it sets a name of a mapping",
      "web.environment",
      "x",
      "rm --stack dev --path 'slipway:web.environment' && pulumi config set --stack dev --path 'slipway:web.environment.NAME' VALUE",
    ],
    ["sets a secret as a secret", "secrets", "x", "set --stack dev --secret --path 'slipway:secrets.NAME' VALUE"],
    [
      "has an example for an entry of a list",
      "web",
      { ...good.web, allowFrom },
      "set --stack dev --path 'slipway:web.allowFrom[1]' ingress-nginx",
    ],
    [
      "has no example of who gets access",
      "cluster",
      { eks: { account: "111122223333", admins: ["me"] } },
      "set --stack dev --path 'slipway:cluster.eks.admins[0]' VALUE",
    ],
    [
      "removes a setting that conflicts with another",
      "web",
      { ...good.web, host: "shop.example.com", nodePort: 30080 },
      "rm --stack dev --path 'slipway:web.nodePort'",
    ],
    [
      "quotes what a shell would change",
      "database.backups",
      { schedule: "daily" },
      "set --stack dev --path 'slipway:database.backups.schedule' '0 3 * * *'",
    ],
  ];
  for (const [title, path, value, command] of commands)
    it(title, () => {
      const { problems } = check(path, value);
      assert.equal(formatProblems("dev", problems).split("\n")[3], `    pulumi config ${command}`);
    });
});
