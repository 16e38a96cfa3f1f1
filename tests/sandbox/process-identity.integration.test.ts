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
  it("includes the start time after a command name with spaces and parentheses", () => {
    const fields = ["S", "1", ...Array(17).fill("0"), "4711", "0"];
    assert.equal(parseStartTime(`42 (a (strange) name) ${fields.join(" ")}`), 4711);
  });

  it("does not exist for a zombie", () => {
    const fields = ["Z", "1", ...Array(17).fill("0"), "4711", "0"];
    assert.equal(parseStartTime(`42 (name) ${fields.join(" ")}`), undefined);
  });

  it("differs from that of a later process with the same pid", () => {
    const mine = identify(process.pid);
    assert.equal(isRunning(mine), true);
    assert.equal(isRunning({ ...mine, started: mine.started + 1 }), false);
  });

  it("gives the time of the start", () => {
    const age = Date.now() - wallClockOf(identify(process.pid));
    assert.ok(age > -2000 && age < 3_600_000, `${age} ms`);
  });

  it("gives access to parent, arguments and environment", async () => {
    const { child, identity } = sleeper("echo ready; read line", { SLIPWAY_TEST_MARK: "yes" });
    try {
      // Between fork and exec a process has its parent's arguments and environment: wait for output of the shell.
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
  it("kills a process that ignores SIGTERM, after the grace period", async () => {
    const { child, identity } = sleeper("trap '' TERM; echo ready; while :; do sleep 0.1; done");
    await once(child.stdout, "data");
    await endProcesses([identity], 0.3);
    assert.equal(isRunning(identity), false);
  });

  it("spares a process that has the pid of a dead one", async () => {
    const { child, identity } = sleeper();
    try {
      await endProcesses([{ ...identity, started: identity.started - 1 }], 0.1);
      assert.equal(isRunning(identity), true);
    } finally {
      child.kill("SIGKILL");
    }
  });
});
