import assert from "node:assert/strict";
import { propose, readRequest } from "../../../commands/delivery/propose.ts";
import type { StackFile } from "../../../settings/stack-files.ts";
import { refusal } from "./refusal.ts";
import { SimulatedGitHub } from "./simulated-github.ts";

const text = (name: string) =>
  `config: # staging\n  slipway:release:\n    name: ${name} # the line\n    promoteFrom: test\n`;
const file = (stack: string, release: object): StackFile => ({
  stack,
  path: `Pulumi.${stack}.yaml`,
  text: "",
  config: { "slipway:release": release },
});
const files = [
  file("test", { name: "v1.3", build: { context: "app" } }),
  file("staging", { name: "v1.2", promoteFrom: "test" }),
  file("prod", { name: "v1.2", promoteFrom: "staging" }),
];

describe("npm run propose", () => {
  let github: SimulatedGitHub;
  beforeEach(async () => {
    github = new SimulatedGitHub();
    await github.start();
    github.onMain({ "Pulumi.staging.yaml": text("v1.9"), "README.md": "about" });
  });
  afterEach(() => github.stop());
  const proposed = (release: string) => propose(github.repository, files, "test", release);
  const head = () => github.refs["heads/promote-staging"] ?? "none";

  it("opens a pull request that changes one line of the stack that promotes from there, and of no other", async () => {
    const [said] = await proposed("v1.10");
    assert.equal(said, "Promote v1.10 to staging: https://github.example/team/shop/103");
    assert.deepEqual(github.files[head()], { "Pulumi.staging.yaml": text("v1.10"), "README.md": "about" });
    const { message, parents } = github.commits[head()];
    assert.deepEqual([message, parents], ["Promote v1.10 to staging", ["m".repeat(40)]]);
    const [{ base, head: branch, title, body }, ...more] = github.pulls;
    assert.deepEqual([base, branch, title, more], ["main", "promote-staging", "Promote v1.10 to staging", []]);
    for (const part of ["Why", "Preview", "Data risk", "Rollback"])
      assert.match(body, new RegExp(`\\*\\*${part}\\.\\*\\*`));
    assert.match(body, /staging has v1\.9/);
  });

  it("starts tests and previews, which a job's own token does not start by itself", async () => {
    await proposed("v1.10");
    assert.deepEqual(github.dispatched, [
      { workflow: "tests.yml", ref: "promote-staging" },
      { workflow: "previews.yml", ref: "promote-staging", inputs: { pull: String(github.pulls[0].number) } },
    ]);
  });

  it("takes the same pull request for each later release, on top of what main is then", async () => {
    await proposed("v1.10");
    github.onMain({ "README.md": "more about" });
    await proposed("v1.11");
    assert.deepEqual(
      github.pulls.map(({ title, state }) => [title, state]),
      [["Promote v1.11 to staging", "open"]],
    );
    assert.deepEqual(github.files[head()], { "Pulumi.staging.yaml": text("v1.11"), "README.md": "more about" });
    // Never is the branch what main is: GitHub would close its pull request.
    assert.deepEqual(
      github.changes.filter((each) => /git\/refs|pulls/.test(each)).map((each) => each.replace(/\d+$/, "N")),
      ["POST git/refs", "POST pulls", "PATCH git/refs/heads/promote-staging", "PATCH pulls/N"].map((each) =>
        each.replace("heads/promote", "heads%2Fpromote"),
      ),
    );
  });

  for (const release of ["v1.9", "v1.8"])
    it(`proposes nothing that is not newer, as after a rollback: ${release} where v1.9 is`, async () => {
      assert.deepEqual(await proposed(release), [`staging has v1.9 already, so ${release} is not proposed to it.`]);
      assert.deepEqual(github.changes, []);
    });

  it("closes what is proposed no more", async () => {
    await proposed("v1.10");
    const [said] = await proposed("v1.9");
    assert.match(said ?? "", /; closed https:.*103\.$/);
    assert.equal(github.pulls[0].state, "closed");
  });

  it("says where the way ends", async () => {
    assert.deepEqual(await propose(github.repository, files, "prod", "v1.2"), [
      "No stack promotes from prod: v1.2 has arrived.",
    ]);
  });

  it("reads which release from the stack file, unless it is said", async () => {
    assert.deepEqual(readRequest(["staging"], files), { from: "staging", release: "v1.2" });
    assert.deepEqual(readRequest(["test", "v1.7"], files), { from: "test", release: "v1.7" });
    assert.match(await refusal(() => readRequest([], files)), /STACK is missing; allowed: test, staging, prod/);
    assert.match(await refusal(() => readRequest(["qa"], files)), /STACK is qa; allowed/);
    const dev = [file("dev", { build: { context: "app" } })];
    assert.match(await refusal(() => readRequest(["dev"], dev)), /Pulumi\.dev\.yaml names no release/);
  });
});
