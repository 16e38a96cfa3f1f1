import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { identify, isRunning, type ProcessIdentity } from "../../sandbox/process-identity.ts";
import { OtherCheckout } from "./other-checkout.ts";

describe("Recovery from an interrupted command", () => {
  const checkout = new OtherCheckout();
  const children: ChildProcess[] = [];

  after(() => {
    for (const child of children) child.kill("SIGKILL");
  });

  /** Starts a step of the checkout with this starter. */
  async function step(starter: ProcessIdentity): Promise<{ child: ChildProcess; identity: ProcessIdentity }> {
    const { environmentOf, stepMark } = await checkout.module("ownership.ts");
    const env = { ...process.env, ...environmentOf(stepMark(starter)) };
    const child = spawn("sh", ["-c", "echo ready; read line"], { env, stdio: ["pipe", "pipe", "ignore"] });
    children.push(child);
    // Until then it has this process's environment.
    await once(child.stdout as NonNullable<typeof child.stdout>, "data");
    return { child, identity: identify(child.pid as number) };
  }

  it("ends steps that no command waits for, and keeps others and their build folder", async () => {
    const { recover } = await checkout.module("leftovers.ts");
    const build = checkout.path(".sandbox", "build");
    mkdirSync(build, { recursive: true });
    const self = identify(process.pid);
    const [wanted, abandoned] = [await step(self), await step({ ...self, started: self.started - 1 })];

    await recover();
    assert.deepEqual([wanted.identity, abandoned.identity].map(isRunning), [true, false]);
    assert.ok(existsSync(build));

    const ended = once(wanted.child, "close");
    wanted.child.kill("SIGKILL");
    await ended;
    await recover();
    assert.ok(!existsSync(build));
  });

  it("deletes pid files only after a reboot, because pids mean nothing then", async () => {
    const { recover } = await checkout.module("leftovers.ts");
    const run = checkout.path(".sandbox", "run");
    mkdirSync(run, { recursive: true });
    const [boot, pid] = [join(run, "boot"), join(run, "etcd.pid")];
    const now = readFileSync("/proc/sys/kernel/random/boot_id", "utf8");
    for (const [of, stays] of [
      [now, true],
      ["of another boot\n", false],
    ] as const) {
      writeFileSync(boot, of);
      writeFileSync(pid, "{}");
      await recover();
      assert.deepEqual([existsSync(pid), readFileSync(boot, "utf8")], [stays, now]);
    }
  });
});
