import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commitsIn } from "../../../commands/review/commits.ts";

describe("The commits between two releases", () => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-commits-"));
  const git = (...args: string[]) => {
    const author = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.com"];
    return execFileSync("git", ["-C", folder, ...author, ...args], { encoding: "utf8" }).trim();
  };
  const commit = (subject: string) => {
    git("commit", "--quiet", "--allow-empty", "--message", subject);
    return git("rev-parse", "HEAD");
  };
  let [first, second, third] = ["", "", ""];

  before(() => {
    git("init", "--quiet");
    [first, second, third] = [commit("One"), commit("Two, with `code`"), commit("Three")];
  });
  after(() => rmSync(folder, { recursive: true }));

  const commits = async (from: string, to: string) => {
    const { subjects, back } = (await commitsIn(folder)({ from, to })) ?? {};
    return { subjects: subjects?.map((each) => each.replace(/^[0-9a-f]{7,} /, "")), back };
  };
  const two = "Two, with `code`";

  it("are those after the older one, the newest first", async () => {
    assert.deepEqual(await commits(first, third), { subjects: ["Three", two], back: false });
  });

  it("are those that a rollback takes back", async () => {
    assert.deepEqual(await commits(second, first), { subjects: [two], back: true });
  });

  it("are found if the source had uncommitted changes", async () => {
    assert.deepEqual(await commits(first, `${second}-dirty`), { subjects: [two], back: false });
    assert.deepEqual(await commits(first, `${first}-dirty`), { subjects: [], back: false });
  });

  it("are unknown for anything but commits of this clone", async () => {
    const log = commitsIn(folder);
    assert.equal(await log({ from: "unknown", to: first }), undefined);
    assert.equal(await log({ from: first, to: "--output=/tmp/x" }), undefined);
    assert.equal(await log({ from: "a".repeat(40), to: first }), undefined);
    assert.equal(await commitsIn(tmpdir())({ from: first, to: second }), undefined);
  });
});
