import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, readFileSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { eventually } from "../../sandbox/eventually.ts";
import { repository } from "../../sandbox/paths.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

describe(".ci/run", () => {
  const checkout = new TemporaryFolder();
  beforeEach(() => cpSync(join(repository, ".ci"), checkout.path(".ci"), { recursive: true }));

  /** Starts it with a simulated npm that only runs these commands. */
  function start(npm: string): { child: ChildProcess; ended: Promise<{ code: number; lines: string[] }> } {
    checkout.script("npm", `echo "$*" >>${checkout.path("calls")}\n${npm}`);
    const env = { ...process.env, PATH: [checkout.path(), process.env.PATH].join(delimiter) };
    const child = spawn(checkout.path(".ci", "run"), { env, stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", (text) => {
      output += text;
    });
    const ended = once(child, "close").then(([code]) => ({ code, lines: output.trimEnd().split("\n") }));
    return { child, ended };
  }
  const calls = () => readFileSync(checkout.path("calls"), "utf8").trim().split("\n");

  it("stops the sandbox and prints how many tests passed on its last line", async () => {
    const { code, lines } = await start('case "$*" in "run down"*) ;; *) echo "  12 passing";; esac').ended;
    assert.deepEqual([code, lines.at(-1)], [0, "48 passed, 0 failed"]);
    assert.deepEqual(calls(), ["test", "run up", "run up", "run test:e2e", "run down -- --purge"]);
  });

  it("stops the sandbox if a step fails, unless it was never started", async () => {
    const failing = await start('case "$*" in *e2e) echo "  1 failing"; exit 1;; esac').ended;
    assert.deepEqual([failing.code, failing.lines.at(-1)], [1, "0 passed, 1 failed"]);
    assert.equal(calls().at(-1), "run down");
    rmSync(checkout.path("calls"));
    const early = await start('[ "$*" != test ]').ended;
    assert.deepEqual([early.code, early.lines.at(-1)], [1, "0 passed, 1 failed"]);
    assert.deepEqual(calls(), ["test"]);
  });

  for (const [signal, expected] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    it(`ends the running step and stops the sandbox, once, on ${signal}`, async () => {
      const hung = checkout.path("hung");
      const { child, ended } = start(`case "$*" in *e2e) echo $$ >${hung}; sleep 60;; esac`);
      await eventually(async () => assert.notEqual(readFileSync(hung, "utf8"), ""), 8, { pause: 20 });
      child.kill(signal);
      assert.equal((await ended).code, expected);
      assert.deepEqual(calls().slice(-2), ["run test:e2e", "run down"]);
      assert.ok(!existsSync(`/proc/${readFileSync(hung, "utf8").trim()}`));
    });
  }
});
