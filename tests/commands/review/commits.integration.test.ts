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

  const subjects = (names: string[]) => names.map((name) => name.replace(/^[0-9a-f]{7,} /, ""));

  it("are those after the older one, the newest first", async () => {
    const found = await commitsIn(folder)({ from: first, to: third });
    assert.deepEqual(subjects([...(found?.subjects ?? [])]), ["Three", "Two, with `code`"]);
    assert.equal(found?.back, false);
    assert.match(found?.subjects[0] ?? "", /^[0-9a-f]{7,} Three$/);
  });

  it("are those that a rollback takes back", async () => {
    const found = await commitsIn(folder)({ from: second, to: first });
    assert.deepEqual(subjects([...(found?.subjects ?? [])]), ["Two, with `code`"]);
    assert.equal(found?.back, true);
  });

  it("are found if the source had uncommitted changes", async () => {
    const found = await commitsIn(folder)({ from: first, to: `${second}-dirty` });
    assert.deepEqual(subjects([...(found?.subjects ?? [])]), ["Two, with `code`"]);
    assert.deepEqual(await commitsIn(folder)({ from: first, to: `${first}-dirty` }), { subjects: [], back: false });
  });

  it("are unknown for anything but commits of this clone", async () => {
    const log = commitsIn(folder);
    assert.equal(await log({ from: "unknown", to: first }), undefined);
    assert.equal(await log({ from: first, to: "--output=/tmp/x" }), undefined);
    assert.equal(await log({ from: "a".repeat(40), to: first }), undefined);
    assert.equal(await commitsIn(tmpdir())({ from: first, to: second }), undefined);
  });
});
