import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { attempt, logPath, runLogged } from "../../sandbox/command.ts";

describe("A command", () => {
  const input = "more than a pipe holds".repeat(100_000);
  const log = "unread-input";
  after(() => rmSync(logPath(log), { force: true }));

  it("may end without reading its input, and is judged by its exit code", async () => {
    for (const code of [0, 3]) assert.equal((await attempt(["sh", "-c", `exit ${code}`], { input })).code, code);
    await runLogged(log, ["true"], { input });
    await assert.rejects(runLogged(log, ["sh", "-c", "exit 3"], { input }), /unread-input failed \(exit code 3\)/);
  });

  it("ends with the one that started it, as where another step has failed, and what it has started with it", async () => {
    const program = `
      import { runLogged, lastLogLine } from "./sandbox/command.ts";
      runLogged("${log}", ["sh", "-c", "sleep 60 & echo $!; wait"]);
      while (!/^[0-9]+$/.test(lastLogLine("${log}"))) await new Promise((resume) => setTimeout(resume, 20));
      console.log(lastLogLine("${log}"));
      process.exit(1);`;
    const { stdout } = spawnSync("node", ["--input-type=module", "--eval", program], { encoding: "utf8" });
    const step = `/proc/${Number(stdout)}`;
    for (const deadline = Date.now() + 5000; existsSync(step) && Date.now() < deadline; ) await pause(20);
    assert.ok(!existsSync(step));
  });
});
