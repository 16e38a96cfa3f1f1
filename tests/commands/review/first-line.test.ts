import assert from "node:assert/strict";
import type { Preview } from "../../../commands/preview/preview.ts";
import { asMarkdown } from "../../../commands/review/markdown.ts";
import { reviewOf } from "../../../commands/review/review.ts";
import { noLog, recorded, review } from "./recorded.ts";

const firstLine = async (name: string): Promise<string> => asMarkdown(await review(name)).split("\n")[0] ?? "";

/** Recorded change; what the first line says of it; changes to data, restarting pods, to access, to settings only. */
const cases: [string, RegExp, [number, number, number, number]?][] = [
  ["port", /^\*\*Restarts pods in `review`\.\*\* 2 changes in 1 environment: /, [0, 1, 1, 0]],
  ["replicas", /^\*\*Changes settings only in `review`\.\*\*/, [0, 0, 0, 1]],
  ["autoscaled", /^\*\*Restarts pods in `review`\.\*\*/, [0, 1, 0, 1]],
  ["variable", /^\*\*Restarts pods in `review`\.\*\*/, [0, 2, 0, 0]],
  ["release", /^\*\*Restarts pods in `review`\.\*\*/, [0, 2, 0, 3]],
  ["promotion", /^\*\*Restarts pods in `review-next`\.\*\*/, [0, 2, 0, 1]],
  ["password", /^\*\*Restarts pods in `review`\.\*\*/, [0, 4, 0, 2]],
  ["password-steps", /^\*\*Restarts pods in `review`\.\*\*/, [0, 4, 0, 2]],
  ["postgres-minor", /^\*\*Restarts pods in `review`\.\*\*/, [0, 5, 0, 0]],
  [
    "postgres-major",
    /^\*\*The preview of `review` fails\.\*\* It says: `refused, because stack review would lose its data: /,
  ],
  ["storage-grown", /^\*\*Changes settings only in `review`\.\*\*/, [0, 0, 0, 1]],
  [
    "storage-shrunk",
    /^\*\*The preview of `review` fails\.\*\* It says: `refused, because stack review would lose its data: /,
  ],
  [
    "namespace",
    /^\*\*The preview of `review` fails\.\*\* It says: `refused, because stack review would lose its data: /,
  ],
  ["policy-removed", /^\*\*Changes access in `review`\.\*\*/, [0, 0, 1, 0]],
  ["deny-removed", /^\*\*Changes access in `review`\.\*\*/, [0, 0, 1, 0]],
  ["protected", /^\*\*Changes settings only in `review`\.\*\*/, [0, 0, 0, 2]],
  ["backups", /^\*\*Changes settings only in `review`\.\*\*/, [0, 0, 0, 4]],
  ["create", /^\*\*Makes `review` anew\.\*\*/, [0, 0, 0, 15]],
  ["drift", /^\*\*Changes settings only in `review`\.\*\*/, [0, 0, 0, 2]],
  ["drift-alone", /^\*\*Changed outside Pulumi: `review`\.\*\*/, [0, 0, 0, 2]],
  ["plain-drift-alone", /^\*\*Changed outside Pulumi: `plain`\.\*\*/, [0, 0, 0, 2]],
  [
    "never-verified",
    /^\*\*The preview of `review-next` fails\.\*\* It says: `slipway:release.name is v1\.3, which was never verified/,
  ],
  [
    "wrong-setting",
    /^\*\*The preview of `review` fails\.\*\* It says: `1 problem in Pulumi\.review\.yaml; nothing was contacted/,
  ],
  ["plain-shrunk", /^\*\*Loses or moves data in `plain`; the preview of `plain` fails\.\*\*/, [1, 0, 0, 0]],
  ["plain-class", /^\*\*Loses or moves data in `plain`\.\*\*/, [1, 0, 0, 0]],
  ["plain-class-steps", /^\*\*Loses or moves data in `plain`\.\*\*/, [1, 0, 0, 0]],
  ["plain-namespace", /^\*\*Loses or moves data in `plain`; the preview of `plain` fails\.\*\*/, [4, 2, 0, 3]],
  ["plain-forgotten", /^\*\*Loses or moves data in `plain`\.\*\*/, [1, 0, 0, 0]],
  ["plain-unprotected", /^\*\*Loses or moves data in `plain`\.\*\*/, [1, 0, 0, 0]],
  ["plain-image", /^\*\*Restarts pods in `plain`\.\*\*/, [0, 2, 0, 0]],
  ["plain-replaced", /^\*\*Restarts pods in `plain`\.\*\*/, [0, 2, 0, 0]],
  ["plain-replaced-steps", /^\*\*Restarts pods in `plain`\.\*\*/, [0, 2, 0, 0]],
  ["plain-many", /^\*\*Restarts pods in `plain`\.\*\*/, [0, 2, 0, 1]],
  ["plain-secrets", /^\*\*Changes settings only in `plain`\.\*\*/, [0, 0, 0, 2]],
  ["plain-hostile", /^\*\*Changes settings only in `plain`\.\*\*/, [0, 0, 0, 1]],
  [
    "plain-unreachable",
    /^\*\*Loses or moves data in `plain`; the preview of `plain` fails\.\*\* It says: `.*no context no-such-cluster/,
  ],
  [
    "plain-thrown",
    /^\*\*The preview of `plain` fails\.\*\* It says: `Running program .* unhandled exception: Error: broken on purpose`/,
  ],
];

describe("The first line of a review", () => {
  for (const [name, expected, numbers] of cases)
    it(`tells the risk of a recorded preview: ${name}`, async () => {
      const line = await firstLine(name);
      assert.match(line, expected);
      const [data, restarts, access, settings] = numbers ?? [];
      if (numbers)
        assert.ok(
          line.includes(
            `: ${data} to data, ${restarts} restarting pods, ${access} to access, ${settings} to settings only; `,
          ),
          line,
        );
    });

  it("is all that there is where nothing changes", async () => {
    assert.equal(asMarkdown(await review("unchanged")), "**No changes in 1 environment.**\n");
    const four = ["dev", "test", "staging", "prod"].map((name) => recorded("unchanged", name));
    assert.equal(asMarkdown(await reviewOf(four, [], noLog)), "**No changes in 4 environments.**\n");
  });

  it("counts what stays as it is", async () => {
    const previews = [recorded("port", "dev"), recorded("unchanged", "test")];
    const text = asMarkdown(await reviewOf(previews, [], noLog));
    assert.match(text, /^\*\*Restarts pods in `dev`\.\*\* 2 changes in 2 environments: .*; 56 resources unchanged\.\n/);
    assert.match(text, /\nNo changes in `test`\.\n$/);
  });

  it("names the worst risk of several environments, and where it is", async () => {
    const previews = [recorded("port", "dev"), recorded("plain-class", "prod"), recorded("storage-shrunk", "test")];
    const [line] = asMarkdown(await reviewOf(previews, ["dev", "test", "prod"], noLog)).split("\n");
    assert.match(line ?? "", /^\*\*Loses or moves data in `prod`; the preview of `test` fails\.\*\* It says: `refused/);
    assert.match(
      line ?? "",
      /3 changes in 3 environments: 1 to data, 1 restarting pods, 1 to access, 0 to settings only/,
    );
  });

  it("says the first words of the first failure, as part of its own sentence", async () => {
    const line = async (...messages: string[]) =>
      asMarkdown(await reviewOf([{ ...recorded("unchanged", "dev"), failures: messages }], [], noLog)).split("\n")[0];
    assert.match((await line("\n  broken here.  \nand there", "second")) ?? "", / It says: `broken here`\. 0 changes /);
    assert.match((await line("It announces:\n\n  this.")) ?? "", / It says: `It announces: this`\. /);
    assert.match((await line("Nothing more:")) ?? "", / It says: `Nothing more:`\. /);
    assert.match((await line("")) ?? "", / It says: ` {2}`\. /);
  });

  it("names all previews that fail, behind the data that others would lose", async () => {
    const failing = ["qa", "test"].map((name) => recorded("storage-shrunk", name));
    const line = async (previews: Preview[]) => asMarkdown(await reviewOf(previews, [], noLog)).split("\n")[0] ?? "";
    assert.match(await line(failing), /^\*\*The previews of `qa`, `test` fail\.\*\*/);
    assert.match(
      await line([...failing, recorded("plain-class", "prod")]),
      /^\*\*Loses or moves data in `prod`; the previews of `qa`, `test` fail\.\*\*/,
    );
    // What the others would do is in the totals: a failure outweighs it.
    assert.match(
      await line([...failing, recorded("port", "prod")]),
      /^\*\*The previews of `qa`, `test` fail\.\*\* .* 1 restarting pods/,
    );
  });

  it("tells of a new environment beside what happens to the others", async () => {
    const previews = [recorded("create", "qa"), recorded("replicas", "dev")];
    const [line] = asMarkdown(await reviewOf(previews, [], noLog)).split("\n");
    assert.match(line ?? "", /^\*\*Makes `qa` anew; changes settings only in `dev`\.\*\*/);
  });
});
