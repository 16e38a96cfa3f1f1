import assert from "node:assert/strict";
import { attemptProgram, runProgram } from "../../settings/run-program.ts";
import { UserError } from "../../settings/user-error.ts";

describe("Child processes", () => {
  it("get their arguments without a shell, their input and exactly the given environment", async () => {
    assert.equal(await runProgram("printf", ["%s", "$HOME;"]), "$HOME;");
    assert.equal(await runProgram("cat", [], { input: "secret" }), "secret");
    const variables = await runProgram("/usr/bin/env", [], { env: { A: "1" } });
    // Coverage adds a variable of its own.
    assert.deepEqual(
      variables.split("\n").filter((line) => !/^(NODE_V8_COVERAGE=.*)?$/.test(line)),
      ["A=1"],
    );
  });

  it("keep exit code and output if they fail, also without reading their input", async () => {
    const options = { input: "x".repeat(1_000_000) };
    const result = await attemptProgram("sh", ["-c", "echo out; echo err >&2; exit 3"], options);
    assert.deepEqual(result, { code: 3, stdout: "out\n", stderr: "err\n" });
  });

  it("fail with their standard error in the message, and if they exceed their timeout", async () => {
    await assert.rejects(runProgram("sh", ["-c", "echo no >&2; exit 1"]), (error) => {
      assert.ok(error instanceof UserError);
      return /failed:\nno\n$/.test(error.message);
    });
    await assert.rejects(runProgram("sleep", ["60"], { timeout: 50 }), /^Error: sleep 60 failed/);
  });

  it("are reported as missing by the error that runMain explains", async () => {
    await assert.rejects(runProgram("no-such-program", []), { code: "ENOENT", syscall: "spawn no-such-program" });
  });
});
