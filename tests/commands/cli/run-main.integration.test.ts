import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";

describe("A command whose program is not installed", () => {
  it("names the program and how to get it, without a stack trace", () => {
    const argv = [resolve("commands/releases/releases.ts")];
    const { status, stderr } = spawnSync(process.execPath, argv, { encoding: "utf8", env: { PATH: "/nowhere" } });
    assert.equal(status, 1);
    assert.match(stderr, /^pulumi is not on the PATH; nothing was changed\..*npm run -s env.*\n$/);
  });
});
