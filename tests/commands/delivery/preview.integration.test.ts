import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { readPreview } from "../../../commands/preview/read-preview.ts";
import { textOf } from "../review/recorded.ts";
import { SimulatedPrograms } from "./simulated-programs.ts";

describe("npm run preview as a command", () => {
  const programs = new SimulatedPrograms();
  after(() => programs.remove());
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [resolve("commands/delivery/preview.ts"), "-s", "prod", ...args], { encoding: "utf8" });

  it("writes the file and exits with code 0 if the preview fails, because the review shows that", () => {
    const failed = JSON.stringify({ diagnostics: [{ severity: "error", message: "out of reach" }] });
    programs.program("pulumi", [
      { when: "preview*", print: failed, code: 255 },
      { when: "refresh --preview-only --json *--stack prod", print: textOf("drift-alone") },
    ]);
    const file = join(programs.folder, "new", "prod.json");
    const { status, stdout } = run("--output", file);
    assert.deepEqual([status, stdout], [0, "prod: the preview fails.\nout of reach\n"]);
    assert.deepEqual(readPreview(readFileSync(file, "utf8"), "prod").failures, ["out of reach"]);
  });

  it("previews changes outside Pulumi with --drift", () => {
    const file = join(programs.folder, "drift.json");
    assert.equal(run("--output", file, "--drift").status, 0);
    assert.deepEqual(
      [...new Set(readPreview(readFileSync(file, "utf8"), "prod").steps.map(({ op }) => op))],
      ["drift"],
    );
  });
});
