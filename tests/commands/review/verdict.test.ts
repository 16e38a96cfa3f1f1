import assert from "node:assert/strict";
import { plainText } from "../../../commands/cli/sentence.ts";
import type { Preview } from "../../../commands/preview/preview.ts";
import { reviewOf } from "../../../commands/review/review.ts";
import { verdict } from "../../../commands/review/verdict.ts";
import { noLog, recorded } from "./recorded.ts";

async function firstLine(previews: Preview[], order: string[] = []): Promise<string> {
  const { bold, rest } = verdict(await reviewOf(previews, order, noLog));
  return `${plainText(bold)}. ${plainText(rest)}.`;
}

const refused = "It says: refused, because stack review would lose its data: ";

/** Recorded previews, the start of their first line, and the changes to data, restarting pods, to access, to settings. */
const cases: [names: string, start: string, totals?: string][] = [
  ["replicas storage-grown plain-hostile", "Changes settings only in ENVIRONMENT. ", "0 0 0 1"],
  ["protected drift plain-secrets", "Changes settings only in ENVIRONMENT. ", "0 0 0 2"],
  ["backups", "Changes settings only in review. ", "0 0 0 4"],
  ["port", "Restarts pods in review. 2 changes in 1 environment: ", "0 1 1 0"],
  ["autoscaled", "Restarts pods in review. ", "0 1 0 1"],
  ["variable plain-image plain-replaced plain-replaced-steps", "Restarts pods in ENVIRONMENT. ", "0 2 0 0"],
  ["promotion plain-many", "Restarts pods in ENVIRONMENT. ", "0 2 0 1"],
  ["release", "Restarts pods in review. ", "0 2 0 3"],
  ["password password-steps", "Restarts pods in review. ", "0 4 0 2"],
  ["postgres-minor", "Restarts pods in review. ", "0 5 0 0"],
  ["policy-removed deny-removed", "Changes access in review. ", "0 0 1 0"],
  ["create", "Creates review. ", "0 0 0 15"],
  ["drift-alone plain-drift-alone", "Changed outside Pulumi: ENVIRONMENT. ", "0 0 0 2"],
  ["plain-class plain-class-steps plain-forgotten plain-unprotected", "Loses or moves data in plain. ", "1 0 0 0"],
  ["plain-shrunk", "Loses or moves data in plain; the preview of plain fails. It says: ", "1 0 0 0"],
  ["plain-namespace", "Loses or moves data in plain; the preview of plain fails. It says: ", "4 2 0 3"],
  ["plain-unreachable", "Loses or moves data in plain; the preview of plain fails. It says: "],
  ["postgres-major storage-shrunk namespace", `The preview of review fails. ${refused}`],
  [
    "never-verified",
    "The preview of review-next fails. It says: slipway:release.name is v1.3, which was never verified",
  ],
  ["wrong-setting", "The preview of review fails. It says: 1 problem in Pulumi.review.yaml; nothing was contacted"],
  ["plain-thrown", "The preview of plain fails. It says: Running program "],
];

describe("The first line of a review", () => {
  for (const [names, start, totals] of cases)
    for (const name of names.split(" "))
      it(`says the worst of the recorded preview ${name}, and its totals`, async () => {
        const preview = recorded(name);
        const line = await firstLine([preview]);
        assert.equal(line.slice(0, 200).startsWith(start.replace("ENVIRONMENT", preview.environment)), true, line);
        const [data, restarts, access, settings] = totals?.split(" ") ?? [];
        const numbers = `: ${data} to data, ${restarts} restarting pods, ${access} to access, ${settings} to settings only; `;
        assert.ok(!totals || line.includes(numbers), line);
      });

  it("says nothing else if nothing changes", async () => {
    const four = ["dev", "test", "staging", "prod"].map((name) => recorded("unchanged", name));
    assert.equal(await firstLine(four.slice(0, 1)), "No changes in 1 environment. .");
    assert.equal(await firstLine(four), "No changes in 4 environments. .");
  });

  it("counts unchanged resources", async () => {
    const line = await firstLine([recorded("port", "dev"), recorded("unchanged", "test")]);
    assert.match(line, /^Restarts pods in dev\. 2 changes in 2 environments: .*; 56 resources unchanged\.$/);
  });

  it("names the environments with the worst change, and those whose preview fails", async () => {
    const previews = [recorded("port", "dev"), recorded("plain-class", "prod"), recorded("storage-shrunk", "test")];
    const line = await firstLine(previews, ["dev", "test", "prod"]);
    assert.match(line, /^Loses or moves data in prod; the preview of test fails\. It says: refused/);
    assert.match(line, /3 changes in 3 environments: 1 to data, 1 restarting pods, 1 to access, 0 to settings only/);
  });

  it("names all environments whose preview fails, and no lesser change", async () => {
    const failing = ["qa", "test"].map((name) => recorded("storage-shrunk", name));
    assert.match(await firstLine(failing), /^The previews of qa, test fail\. /);
    assert.match(
      await firstLine([...failing, recorded("plain-class", "prod")]),
      /^Loses or moves data in prod; the previews of qa, test fail\. /,
    );
    assert.match(
      await firstLine([...failing, recorded("port", "prod")]),
      /^The previews of qa, test fail\. .* 1 restarting pods/,
    );
  });

  for (const [messages, quote] of [
    [["\n  broken here.  \nand there", "second"], "broken here"],
    [["It announces:\n\n  this."], "It announces: this"],
    [["Nothing more:"], "Nothing more:"],
    [[""], ""],
  ] as const)
    it(`quotes the start of the first failure: ${JSON.stringify(messages)}`, async () => {
      const line = await firstLine([{ ...recorded("unchanged", "dev"), failures: messages }]);
      assert.ok(line.includes(` It says: ${quote}. 0 changes `), line);
    });

  it("says what happens to other environments if one is new", async () => {
    const line = await firstLine([recorded("create", "qa"), recorded("replicas", "dev")]);
    assert.match(line, /^Creates qa; changes settings only in dev\. /);
  });
});
