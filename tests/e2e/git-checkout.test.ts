import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { run } from "../../sandbox/command.ts";
import { Project } from "./project.ts";
import { deploySecondApp } from "./second-app.ts";

describe("A git checkout as build context", () => {
  const project = Project.forSuite("checkout");
  const folder = project.path("second-app");
  const git = (...args: string[]) =>
    run(["git", "-C", folder, "-c", "user.name=t", "-c", "user.email=t@example.com", ...args]);
  const notice = /second-app\/\.git is not sent to the build/;

  it("is built without .git, and `up` says so", async () => {
    deploySecondApp(project, {});
    await git("init", "--quiet");
    await git("add", ".");
    await git("commit", "--quiet", "--message", "first");
    await project.create();
    assert.match(await project.up(), notice);
  });

  it("is no change after git has changed its own data, and the notice is not repeated", async () => {
    await git("commit", "--quiet", "--allow-empty", "--message", "second");
    await git("gc", "--quiet");
    assert.doesNotMatch(await project.assertNoChanges(), notice);
  });

  it("is no change while another program takes git's lock again and again", async () => {
    const script = "while :; do touch www/index.html; git status --porcelain; done";
    const other = spawn("sh", ["-c", script], { cwd: folder, stdio: "ignore" });
    try {
      for (let i = 0; i < 5; i++) await project.assertNoChanges();
    } finally {
      other.kill();
    }
  });
});
