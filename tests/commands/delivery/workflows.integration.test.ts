import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { paths } from "../../../sandbox/paths.ts";
import { committed } from "./workflow-rules.ts";

describe("actionlint", () => {
  const actionlint = (args: string[], input?: string) =>
    spawnSync(join(paths.bin, "actionlint"), ["-shellcheck=", "-pyflakes=", ...args], { encoding: "utf8", input });

  it("accepts the workflows", () => {
    const { status, stdout, stderr, error } = actionlint([]);
    assert.deepEqual([error, status, stdout + stderr], [undefined, 0, ""]);
  });

  for (const [from, to, says] of [
    ["runs-on:", "run-on:", /runs-on/],
    ["needs.preview.result", "needs.preview.outcome", /outcome/],
    ["id-token: write", "id_token: write", /id_token/],
    ["contents: read\n      id-token", "contents: some\n      id-token", /some/],
  ] as const)
    it(`refuses ${JSON.stringify(to)} in a workflow`, () => {
      const text = committed()["workflows/previews.yml"] ?? "";
      const { status, stdout } = actionlint(
        ["-stdin-filename", ".github/workflows/x.yml", "-"],
        text.replace(from, to),
      );
      assert.equal(status, 1);
      assert.match(stdout, says);
    });
});
