import assert from "node:assert/strict";
import { marker, reportDrift } from "../../../commands/delivery/drift.ts";
import { reviewOf } from "../../../commands/review/review.ts";
import { noLog, recorded } from "../review/recorded.ts";
import { SimulatedGitHub } from "./simulated-github.ts";
import { userError } from "./user-error.ts";

describe("npm run drift", () => {
  let github: SimulatedGitHub;
  beforeEach(async () => {
    github = await SimulatedGitHub.start();
  });
  afterEach(() => github.stop());

  /** Reports recorded previews of test and prod. */
  const report = async (test: string, prod: string) => {
    const previews = [recorded(test, "test"), recorded(prod, "prod")];
    return reportDrift(github.repository, await reviewOf(previews, ["test", "prod"], noLog));
  };

  it("opens one issue that describes the drift, and updates it", async () => {
    await report("unchanged", "drift-alone");
    await report("drift-alone", "drift-alone");
    const [issue, ...more] = github.issues;
    assert.deepEqual([issue.labels, more], [[{ name: "drift" }], []]);
    assert.ok(issue.body.startsWith(marker));
    assert.match(issue.body, /\*\*Changed outside Pulumi: `test`, `prod`/);
  });

  it("closes the issue once nothing differs, and opens another one for later drift", async () => {
    await report("unchanged", "drift-alone");
    assert.match(
      await report("unchanged", "unchanged"),
      /Nothing differs from what was deployed any more: closed https:/,
    );
    const [{ state, state_reason: reason }] = github.issues;
    assert.deepEqual([state, reason], ["closed", "completed"]);
    await report("unchanged", "drift-alone");
    assert.equal(github.issues.length, 2);
  });

  it("says which environment could not be checked", async () => {
    await report("unchanged", "wrong-setting");
    assert.match(github.issues[0].body, /The preview of `prod` fails/);
  });

  it("opens no issue if nothing has changed", async () => {
    assert.equal(await report("unchanged", "unchanged"), "Nothing has changed outside Pulumi in test, prod.");
    assert.deepEqual(github.changes, []);
  });

  it("ignores other issues with that label", async () => {
    github.issues.push({ number: 1, state: "open", labels: [{ name: "drift" }], body: "a person's", html_url: "" });
    await report("unchanged", "unchanged");
    await report("unchanged", "drift-alone");
    assert.equal(github.issues.length, 2);
    assert.deepEqual([github.issues[0].state, github.issues[0].body], ["open", "a person's"]);
  });

  it("asks for the label if the repository lacks it, and changes nothing", async () => {
    github.labels = ["bug"];
    const message = await userError(report("unchanged", "drift-alone"));
    assert.match(message, /no label drift; no issue.*\n.*gh label create drift/);
    assert.deepEqual(github.changes, []);
  });
});
