import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { attempt, logPath, runLogged } from "../../sandbox/command.ts";
import { eventually } from "../../sandbox/eventually.ts";

describe("A command", () => {
  const input = "more than a pipe holds".repeat(100_000);
  const log = "unread-input";
  after(() => rmSync(logPath(log), { force: true }));

  it("succeeds or fails by its exit code, even if it does not read its input", async () => {
    for (const code of [0, 3]) assert.equal((await attempt(["sh", "-c", `exit ${code}`], { input })).code, code);
    await runLogged(log, ["true"], { input });
    await assert.rejects(runLogged(log, ["sh", "-c", "exit 3"], { input }), /unread-input failed \(exit code 3\)/);
  });

  it("ends with its starter, and so do its children, for example when another step has failed", async () => {
    const program = `
      import { runLogged, lastLogLine } from "./sandbox/command.ts";
      runLogged("${log}", ["sh", "-c", "sleep 60 & echo $!; wait"]);
      while (!/^[0-9]+$/.test(lastLogLine("${log}"))) await new Promise((resume) => setTimeout(resume, 20));
      console.log(lastLogLine("${log}"));
      process.exit(1);`;
    const { stdout } = spawnSync("node", ["--input-type=module", "--eval", program], { encoding: "utf8" });
    assert.match(stdout, /^\d+\n$/);
    await eventually(async () => assert.ok(!existsSync(`/proc/${stdout.trim()}`)), 5, { pause: 20 });
  });
});
