import assert from "node:assert/strict";
import { chooseRelease, propose } from "../../../commands/delivery/propose.ts";
import { files, stackFile } from "../releases/stack-file.ts";
import { SimulatedGitHub } from "./simulated-github.ts";
import { userError } from "./user-error.ts";

const text = (name: string) =>
  `config: # staging\n  slipway:release:\n    name: ${name} # the line\n    promoteFrom: test\n`;
describe("npm run propose", () => {
  let github: SimulatedGitHub;
  beforeEach(async () => {
    github = await SimulatedGitHub.start();
    github.onMain({ "Pulumi.staging.yaml": text("v1.9"), "README.md": "about" });
  });
  afterEach(() => github.stop());
  const proposed = (release: string) => propose(github.repository, files, "test", release);
  const head = () => github.refs["heads/promote-staging"] ?? "none";

  it("opens a pull request that changes one line, in the file of the stack that promotes from there", async () => {
    assert.deepEqual(await proposed("v1.10"), ["Promote v1.10 to staging: https://github.example/team/shop/103"]);
    assert.deepEqual(github.files[head()], { "Pulumi.staging.yaml": text("v1.10"), "README.md": "about" });
    const { message, parents } = github.commits[head()];
    assert.deepEqual([message, parents], ["Promote v1.10 to staging", ["m".repeat(40)]]);
    const [{ base, head: branch, title, body }, ...more] = github.pulls;
    assert.deepEqual([base, branch, title, more], ["main", "promote-staging", "Promote v1.10 to staging", []]);
    for (const part of ["Why", "Preview", "Data risk", "Rollback"])
      assert.match(body, new RegExp(`\\*\\*${part}\\.\\*\\*`));
    assert.match(body, /staging has v1\.9/);
  });

  it("starts tests and previews, because a job's own token does not", async () => {
    await proposed("v1.10");
    assert.deepEqual(github.dispatched, [
      { workflow: "tests.yml", ref: "promote-staging" },
      { workflow: "previews.yml", ref: "promote-staging", inputs: { pull: String(github.pulls[0].number) } },
    ]);
  });

  it("updates the same pull request for each later release, on top of the current main", async () => {
    await proposed("v1.10");
    github.onMain({ "README.md": "more about" });
    await proposed("v1.11");
    assert.deepEqual(
      github.pulls.map(({ title, state }) => [title, state]),
      [["Promote v1.11 to staging", "open"]],
    );
    assert.deepEqual(github.files[head()], { "Pulumi.staging.yaml": text("v1.11"), "README.md": "more about" });
    // GitHub would close the pull request if its branch were equal to main.
    assert.deepEqual(
      github.changes.filter((each) => /git\/refs|pulls/.test(each)).map((each) => each.replace(/\d+$/, "N")),
      ["POST git/refs", "POST pulls", "PATCH git/refs/heads/promote-staging", "PATCH pulls/N"].map((each) =>
        each.replace("heads/promote", "heads%2Fpromote"),
      ),
    );
  });

  for (const release of ["v1.9", "v1.8"])
    it(`does not propose ${release} to a stack with v1.9, as after a rollback`, async () => {
      assert.deepEqual(await proposed(release), [`staging has v1.9 already, so ${release} is not proposed to it.`]);
      assert.deepEqual(github.changes, []);
    });

  it("closes a pull request that is outdated", async () => {
    await proposed("v1.10");
    assert.match((await proposed("v1.9")).join(), /; closed https:.*103\.$/);
    assert.equal(github.pulls[0].state, "closed");
  });

  it("says if no stack promotes from there", async () => {
    assert.deepEqual(await propose(github.repository, files, "prod", "v1.2"), [
      "No stack promotes from prod; v1.2 is proposed to none.",
    ]);
  });

  it("reads the release from the stack file, unless it is an argument", async () => {
    assert.deepEqual(chooseRelease(files, ["staging"]), { from: "staging", release: "v1.2" });
    assert.deepEqual(chooseRelease(files, ["test", "v1.7"]), { from: "test", release: "v1.7" });
    assert.match(await userError(() => chooseRelease(files, [])), /STACK is missing; allowed: test, staging, prod/);
    assert.match(await userError(() => chooseRelease(files, ["qa"])), /STACK is qa; allowed/);
    const dev = [stackFile("dev", { build: { context: "app" } })];
    assert.match(
      await userError(() => chooseRelease(dev, ["dev"])),
      /RELEASE is missing; .*Pulumi\.dev\.yaml has none/,
    );
  });
});
