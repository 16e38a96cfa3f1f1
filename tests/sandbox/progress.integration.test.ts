import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { repository } from "../../sandbox/paths.ts";

describe("A command of the sandbox", () => {
  it("creates folders that other users may enter, whatever the umask of the shell", () => {
    const module = JSON.stringify(join(repository, "sandbox", "progress.ts"));
    const script = `import(${module}).then(({ runSandbox }) => runSandbox(async () => console.log(process.umask())))`;
    const printed = execFileSync("sh", ["-c", 'umask 077; exec node -e "$0"', script], { encoding: "utf8" });
    assert.equal(printed.trim(), String(0o022));
  });
});
