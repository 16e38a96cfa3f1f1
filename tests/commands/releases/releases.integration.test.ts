import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";

describe("A command that misses a program", () => {
  it("says which, and what to type, without a stack trace", () => {
    const command = [resolve("commands/releases/releases.ts")];
    const { status, stderr } = spawnSync(process.execPath, command, { encoding: "utf8", env: { PATH: "/nowhere" } });
    assert.equal(status, 1);
    assert.match(stderr, /^pulumi is not on the PATH; nothing was changed\..*npm run -s env.*\n$/);
  });
});
