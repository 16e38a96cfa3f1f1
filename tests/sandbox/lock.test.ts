import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { takeLock } from "../../sandbox/lock.ts";
import { identify } from "../../sandbox/process-identity.ts";

describe("The lock", () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "slipway-lock-"));
    path = join(folder, "up.lock");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("refuses a second taker, naming the first", () => {
    writeFileSync(path, JSON.stringify({ ...identify(process.ppid), command: "npm run up" }));
    assert.throws(() => takeLock(path, "npm run down"), new RegExp(`"npm run up" is running already.*${process.ppid}`));
  });

  it("is free again once it is given back", () => {
    takeLock(path, "first")();
    assert.equal(existsSync(path), false);
    takeLock(path, "second")();
  });

  it("is taken over from a process that has ended, even if its number is in use again", () => {
    const holder = identify(process.ppid);
    writeFileSync(path, JSON.stringify({ ...holder, started: holder.started - 1, command: "npm run up" }));
    const release = takeLock(path, "npm run up");
    assert.equal(JSON.parse(readFileSync(path, "utf8")).pid, process.pid);
    release();
  });

  for (const [what, text] of [
    ["empty", ""],
    ["cut short", '{"pid": 12'],
    ["nonsense", '"x"'],
  ] as const) {
    it(`is taken over when its file is ${what}`, () => {
      writeFileSync(path, text);
      takeLock(path, "npm run up")();
      assert.deepEqual(readdirSync(folder), []);
    });
  }
});
