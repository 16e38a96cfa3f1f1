import assert from "node:assert/strict";
import { marker, tellDrift } from "../../../commands/delivery/drift.ts";
import { reviewOf } from "../../../commands/review/review.ts";
import { noLog, recorded } from "../review/recorded.ts";
import { refusal } from "./refusal.ts";
import { SimulatedGitHub } from "./simulated-github.ts";

const stacks = ["test", "prod"];
/** A review of recorded previews: one for each stack. */
const review = (...names: [string, string]) =>
  reviewOf(
    names.map((name, place) => recorded(name, stacks[place])),
    stacks,
    noLog,
  );

describe("npm run drift", () => {
  let github: SimulatedGitHub;
  beforeEach(async () => {
    github = new SimulatedGitHub();
    await github.start();
  });
  afterEach(() => github.stop());
  const told = async (...names: [string, string]) => tellDrift(github.repository, await review(...names));

  it("opens one issue that says in what, and keeps it up to date", async () => {
    await told("unchanged", "drift-alone");
    await told("drift-alone", "drift-alone");
    const [issue, ...more] = github.issues;
    assert.deepEqual(more, []);
    assert.deepEqual(issue.labels, [{ name: "drift" }]);
    assert.ok(issue.body.startsWith(marker));
    assert.match(issue.body, /\*\*Changed outside Pulumi: `test`, `prod`/);
  });

  it("closes it once all is well, and opens another one for what comes later", async () => {
    await told("unchanged", "drift-alone");
    assert.match(await told("unchanged", "unchanged"), /Nothing is changed outside Pulumi any more: closed https:/);
    assert.deepEqual(
      github.issues.map(({ state, state_reason }) => [state, state_reason]),
      [["closed", "completed"]],
    );
    await told("unchanged", "drift-alone");
    assert.equal(github.issues.length, 2);
  });

  it("says what could not be checked", async () => {
    await told("unchanged", "wrong-setting");
    assert.match(github.issues[0].body, /The preview of `prod` fails/);
  });

  it("opens none where nothing has changed", async () => {
    assert.equal(await told("unchanged", "unchanged"), "Nothing has changed outside Pulumi in test, prod.");
    assert.deepEqual(github.changes, []);
  });

  it("leaves other issues of that label alone", async () => {
    github.issues.push({ number: 1, state: "open", labels: [{ name: "drift" }], body: "a person's", html_url: "" });
    await told("unchanged", "unchanged");
    await told("unchanged", "drift-alone");
    assert.equal(github.issues.length, 2);
    assert.deepEqual([github.issues[0].state, github.issues[0].body], ["open", "a person's"]);
  });

  it("asks for the label where there is none, and changes nothing", async () => {
    github.labels = ["bug"];
    assert.match(
      await refusal(told("unchanged", "drift-alone")),
      /no label drift; no issue.*\n.*gh label create drift/,
    );
    assert.deepEqual(github.changes, []);
  });
});
