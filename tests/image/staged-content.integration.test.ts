import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readContent, stageContent } from "../../image/content-key.ts";
import { checkout, emptyFolder, removeFolders, type Tree } from "./checkouts.ts";

const source: Tree = { Dockerfile: { text: "FROM scratch\n" }, "a.py": { text: "a" }, "z.py": { text: "z" } };

describe("Staged content", () => {
  after(removeFolders);

  it("is complete after a program was killed while it copied", async () => {
    const context = checkout(source);
    const folder = emptyFolder();
    // The last file becomes a pipe without a writer, at which the copy blocks.
    const program = `
      import { execFileSync } from "node:child_process";
      import { readContent, stageContent } from ${JSON.stringify(resolve("image/content-key.ts"))};
      const content = readContent({ context: ${JSON.stringify(context)} });
      execFileSync("sh", ["-c", "rm z.py && mkfifo z.py"], { cwd: ${JSON.stringify(context)} });
      stageContent(content, ${JSON.stringify(folder)});`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", program], { stdio: "inherit" });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    const halfway = () => readdirSync(folder).some((name) => existsSync(join(folder, name, "context/a.py")));
    while (!halfway() && child.exitCode === null) await sleep(10);
    child.kill("SIGKILL");
    await ended;
    assert.equal(child.signalCode, "SIGKILL");

    const { context: staged } = stageContent(readContent({ context: checkout(source) }), folder);
    assert.deepEqual(readdirSync(staged), ["Dockerfile", "a.py", "z.py"]);
    assert.equal(readdirSync(folder).length, 2);
  });
});
