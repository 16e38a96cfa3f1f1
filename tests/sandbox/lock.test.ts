import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { takeLock } from "../../sandbox/lock.ts";
import { identify } from "../../sandbox/process-identity.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

describe("The lock", () => {
  const folder = new TemporaryFolder();
  let path: string;
  beforeEach(() => {
    path = folder.path("up.lock");
  });

  it("is refused to a second process, with the command and pid of the first", () => {
    writeFileSync(path, JSON.stringify({ ...identify(process.ppid), command: "npm run up" }));
    assert.throws(() => takeLock(path, "npm run down"), new RegExp(`"npm run up" is running already.*${process.ppid}`));
  });

  it("is free after its release", () => {
    takeLock(path, "first")();
    assert.equal(existsSync(path), false);
    takeLock(path, "second")();
  });

  it("is taken over from a process that has ended, even if another has its pid now", () => {
    const holder = identify(process.ppid);
    writeFileSync(path, JSON.stringify({ ...holder, started: holder.started - 1, command: "npm run up" }));
    const release = takeLock(path, "npm run up");
    assert.equal(JSON.parse(readFileSync(path, "utf8")).pid, process.pid);
    release();
  });

  for (const [what, text] of [
    ["empty", ""],
    ["incomplete", '{"pid": 12'],
    ["not a lock", '"x"'],
  ] as const) {
    it(`is taken over if its file is ${what}`, () => {
      writeFileSync(path, text);
      takeLock(path, "npm run up")();
      assert.deepEqual(readdirSync(folder.path()), []);
    });
  }
});
