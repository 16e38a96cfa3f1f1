import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { repository } from "../../sandbox/paths.ts";

describe(".ci/run", () => {
  let checkout = "";
  beforeEach(() => {
    checkout = mkdtempSync(join(tmpdir(), "slipway-ci-"));
    cpSync(join(repository, ".ci"), join(checkout, ".ci"), { recursive: true });
  });
  afterEach(() => rmSync(checkout, { recursive: true }));

  /** Runs it with an npm that does nothing but this. */
  function start(npm: string): { child: ChildProcess; ended: Promise<{ code: number; lines: string[] }> } {
    const script = `#!/bin/sh\necho "$*" >>${join(checkout, "called")}\n${npm}\n`;
    writeFileSync(join(checkout, "npm"), script, { mode: 0o755 });
    const env = { ...process.env, PATH: [checkout, process.env.PATH].join(delimiter) };
    const child = spawn(join(checkout, ".ci", "run"), { env, stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", (text) => {
      output += text;
    });
    const ended = once(child, "close").then(([code]) => ({ code, lines: output.trimEnd().split("\n") }));
    return { child, ended };
  }
  const calls = () => {
    const list = join(checkout, "called");
    return existsSync(list) ? readFileSync(list, "utf8").trim().split("\n") : [];
  };

  it("stops the sandbox, then says on its last line how many passed", async () => {
    const { code, lines } = await start('case "$*" in "run down"*) ;; *) echo "  12 passing";; esac').ended;
    assert.deepEqual([code, lines.at(-1)], [0, "48 passed, 0 failed"]);
    assert.deepEqual(calls(), ["test", "run up", "run up", "run test:e2e", "run down -- --purge"]);
  });

  it("stops the sandbox where a step fails, and nothing where none was started", async () => {
    const failing = await start('case "$*" in *e2e) echo "  1 failing"; exit 1;; esac').ended;
    assert.deepEqual([failing.code, failing.lines.at(-1)], [1, "0 passed, 1 failed"]);
    assert.equal(calls().at(-1), "run down");
    rmSync(join(checkout, "called"));
    const early = await start('[ "$*" != test ]').ended;
    assert.deepEqual([early.code, early.lines.at(-1)], [1, "0 passed, 1 failed"]);
    assert.deepEqual(calls(), ["test"]);
  });

  for (const [signal, expected] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    it(`ends what runs and stops the sandbox, once, where it is cancelled (${signal})`, async () => {
      const hung = join(checkout, "hung");
      const { child, ended } = start(`case "$*" in *e2e) echo $$ >${hung}; sleep 60;; esac`);
      while (!existsSync(hung) || readFileSync(hung, "utf8") === "") await new Promise((go) => setTimeout(go, 20));
      child.kill(signal);
      assert.equal((await ended).code, expected);
      assert.deepEqual(calls().slice(-2), ["run test:e2e", "run down"]);
      assert.ok(!existsSync(`/proc/${readFileSync(hung, "utf8").trim()}`));
    });
  }
});
