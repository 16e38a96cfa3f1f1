import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lastCommit } from "../../image/commit.ts";

describe("lastCommit", () => {
  let repository: string;
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", repository, "-c", "user.name=t", "-c", "user.email=t@example.com", ...args], {
      encoding: "utf8",
    }).trim();
  const commitAll = (message: string) => {
    git("add", "--all");
    git("commit", "--quiet", "--message", message);
    return git("rev-parse", "HEAD");
  };

  beforeEach(() => {
    repository = mkdtempSync(join(tmpdir(), "slipway-commit-"));
    git("init", "--quiet");
    mkdirSync(join(repository, "app"));
    writeFileSync(join(repository, "app", "main.py"), "1");
  });

  afterEach(() => rmSync(repository, { recursive: true }));

  it("is the last commit that changed the folder", async () => {
    const commit = commitAll("app");
    writeFileSync(join(repository, "README"), "1");
    commitAll("readme");
    assert.equal(await lastCommit(join(repository, "app")), commit);
  });

  it("ends with -dirty if there are uncommitted changes", async () => {
    const commit = commitAll("app");
    writeFileSync(join(repository, "app", "main.py"), "2");
    assert.equal(await lastCommit(join(repository, "app")), `${commit}-dirty`);
  });

  it("takes no lock of the index, so that nothing appears and disappears beside a program that reads the folder", async () => {
    const commit = commitAll("app");
    const index = join(repository, ".git", "index");
    const before = statSync(index, { bigint: true });
    // git status would now refresh the index: the file looks changed, and is not.
    utimesSync(join(repository, "app", "main.py"), 1, 1);
    assert.equal(await lastCommit(repository), commit);
    const { ino, mtimeNs } = statSync(index, { bigint: true });
    assert.deepEqual([ino, mtimeNs], [before.ino, before.mtimeNs]);
  });

  it("does not count staged builds as changes", async () => {
    const commit = commitAll("app");
    mkdirSync(join(repository, ".slipway", "builds", "key"), { recursive: true });
    writeFileSync(join(repository, ".slipway", "builds", "key", "Dockerfile"), "FROM scratch\n");
    assert.equal(await lastCommit(repository), commit);
    writeFileSync(join(repository, "new"), "");
    assert.equal(await lastCommit(repository), `${commit}-dirty`);
  });

  it("is unknown outside git, before the first commit, and in a clone that is too shallow", async () => {
    assert.equal(await lastCommit(join(repository, "app")), undefined);
    const commit = commitAll("app");
    writeFileSync(join(repository, "README.md"), "2");
    commitAll("readme");
    const clone = mkdtempSync(join(tmpdir(), "slipway-shallow-"));
    try {
      for (const [depth, expected] of [
        ["1", undefined],
        ["2", undefined],
        ["3", commit],
      ] as const) {
        rmSync(clone, { recursive: true });
        execFileSync("git", ["clone", "--quiet", `--depth=${depth}`, `file://${repository}`, clone]);
        assert.equal(await lastCommit(join(clone, "app")), expected, `depth ${depth}`);
      }
      rmSync(join(clone, ".git"), { recursive: true });
      assert.equal(await lastCommit(join(clone, "app")), undefined);
    } finally {
      rmSync(clone, { recursive: true });
    }
  });
});
