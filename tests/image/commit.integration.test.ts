import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lastCommit } from "../../image/commit.ts";

describe("The commit of a folder", () => {
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

  it("is the last that changed it, not the last of all", async () => {
    const commit = commitAll("app");
    writeFileSync(join(repository, "README"), "1");
    commitAll("readme");
    assert.equal(await lastCommit(join(repository, "app")), commit);
  });

  it("says where there is more than what was committed", async () => {
    const commit = commitAll("app");
    writeFileSync(join(repository, "app", "main.py"), "2");
    assert.equal(await lastCommit(join(repository, "app")), `${commit}-dirty`);
  });

  it("is known in a clone that reaches back to it", async () => {
    const commit = commitAll("app");
    writeFileSync(join(repository, "README.md"), "2");
    commitAll("readme");
    const clone = mkdtempSync(join(tmpdir(), "slipway-shallow-"));
    try {
      for (const [depth, known] of [
        ["1", undefined],
        ["2", undefined],
        ["3", commit],
      ] as const) {
        rmSync(clone, { recursive: true });
        execFileSync("git", ["clone", "--quiet", `--depth=${depth}`, `file://${repository}`, clone]);
        assert.equal(await lastCommit(join(clone, "app")), known, `depth ${depth}`);
      }
    } finally {
      rmSync(clone, { recursive: true });
    }
  });

  it("is unknown in a clone that is cut off too early, outside git, and before the first commit", async () => {
    assert.equal(await lastCommit(join(repository, "app")), undefined);
    commitAll("app");
    writeFileSync(join(repository, "app", "main.py"), "2");
    commitAll("more");
    const clone = mkdtempSync(join(tmpdir(), "slipway-shallow-"));
    execFileSync("git", ["clone", "--quiet", "--depth=1", `file://${repository}`, clone]);
    try {
      assert.equal(await lastCommit(join(clone, "app")), undefined);
      rmSync(join(clone, ".git"), { recursive: true });
      assert.equal(await lastCommit(join(clone, "app")), undefined);
    } finally {
      rmSync(clone, { recursive: true });
    }
  });
});
