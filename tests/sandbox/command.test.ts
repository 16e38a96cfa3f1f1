import assert from "node:assert/strict";
import { rmSync } from "node:fs";
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
});
