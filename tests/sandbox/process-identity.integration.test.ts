import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  argumentsOf,
  endProcesses,
  hasEnvironment,
  identify,
  isRunning,
  parentOf,
  parseStartTime,
  wallClockOf,
} from "../../sandbox/process-identity.ts";

function sleeper(script = "exec sleep 60", env: Record<string, string> = {}) {
  const child = spawn("sh", ["-c", script], { env: { ...process.env, ...env }, stdio: ["pipe", "pipe", "ignore"] });
  assert.ok(child.pid);
  return { child, identity: identify(child.pid) };
}

describe("A process's identity", () => {
  it("reads the start time behind a command name with spaces and parentheses", () => {
    const fields = ["S", "1", ...Array(17).fill("0"), "4711", "0"];
    assert.equal(parseStartTime(`42 (a (strange) name) ${fields.join(" ")}`), 4711);
  });

  it("counts a zombie as gone", () => {
    const fields = ["Z", "1", ...Array(17).fill("0"), "4711", "0"];
    assert.equal(parseStartTime(`42 (name) ${fields.join(" ")}`), undefined);
  });

  it("is not mistaken for a later process with the same number", () => {
    const mine = identify(process.pid);
    assert.equal(isRunning(mine), true);
    assert.equal(isRunning({ ...mine, started: mine.started + 1 }), false);
  });

  it("tells when the process was started", () => {
    const age = Date.now() - wallClockOf(identify(process.pid));
    assert.ok(age > -2000 && age < 3_600_000, `${age} ms`);
  });

  it("knows parent, arguments and environment", async () => {
    const { child, identity } = sleeper("echo ready; read line", { SLIPWAY_TEST_MARK: "yes" });
    try {
      // Between fork and exec a process still has its parent's arguments and environment: the shell
      // says when it runs, and waits by itself, without a second exec.
      await once(child.stdout, "data");
      assert.equal(parentOf(identity.pid), process.pid);
      assert.equal(hasEnvironment(identity.pid, "SLIPWAY_TEST_MARK=yes"), true);
      assert.equal(hasEnvironment(identity.pid, "SLIPWAY_TEST_MARK=no"), false);
      assert.deepEqual(argumentsOf(2 ** 22 + 1), []);
    } finally {
      child.kill("SIGKILL");
    }
  });
});

describe("Ending processes", () => {
  it("kills one that does not listen, within the time", async () => {
    const { child, identity } = sleeper("trap '' TERM; echo ready; while :; do sleep 0.1; done");
    await once(child.stdout, "data");
    await endProcesses([identity], 0.3);
    assert.equal(isRunning(identity), false);
  });

  it("leaves a namesake of a dead process alone", async () => {
    const { child, identity } = sleeper();
    try {
      await endProcesses([{ ...identity, started: identity.started - 1 }], 0.1);
      assert.equal(isRunning(identity), true);
    } finally {
      child.kill("SIGKILL");
    }
  });
});
