import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { identify, isRunning, type ProcessIdentity } from "../../sandbox/process-identity.ts";
import { OtherCheckout } from "./other-checkout.ts";

describe("What an interrupted command leaves behind", () => {
  const checkout = new OtherCheckout();
  const children: ChildProcess[] = [];

  after(() => {
    for (const child of children) child.kill("SIGKILL");
    checkout.remove();
  });

  /** A step of the checkout that this process is said to have started at a time. */
  async function step(starter: ProcessIdentity): Promise<{ child: ChildProcess; identity: ProcessIdentity }> {
    const { environmentOf, stepMark } = await checkout.module("ownership.ts");
    const env = { ...process.env, ...environmentOf(stepMark(starter)) };
    const child = spawn("sh", ["-c", "echo ready; read line"], { env, stdio: ["pipe", "pipe", "ignore"] });
    children.push(child);
    // Before that it still has this process's environment.
    await once(child.stdout as NonNullable<typeof child.stdout>, "data");
    return { child, identity: identify(child.pid as number) };
  }

  it("is ended where nobody waits for it any more; what another command waits for stays, and so does what is built", async () => {
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

  it("is forgotten after a reboot, and not before: sockets and numbers of processes mean nothing then", async () => {
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
