import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stackFiles } from "../../settings/stack-files.ts";

describe("Stack files", () => {
  it("stand in the order in which a release passes through them, a fifth one too", () => {
    const folder = mkdtempSync(join(tmpdir(), "slipway-stacks-"));
    const write = (stack: string, release: string) =>
      writeFileSync(join(folder, `Pulumi.${stack}.yaml`), `config:\n  slipway:release: ${release}\n`);
    try {
      write("prod", "{ name: v1.1, promoteFrom: staging }");
      write("qa", "{ name: v1.1, promoteFrom: test }");
      write("staging", "{ name: v1.1, promoteFrom: qa }");
      write("test", "{ name: v1.1, build: { context: app } }");
      write("dev", "{ build: { context: app } }");
      writeFileSync(join(folder, "Pulumi.yaml"), "name: shop\n");
      assert.deepEqual(
        stackFiles(folder).map(({ stack }) => stack),
        ["dev", "test", "qa", "staging", "prod"],
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("that promote from one another end somewhere", () => {
    const folder = mkdtempSync(join(tmpdir(), "slipway-stacks-"));
    try {
      for (const [stack, from] of [
        ["a", "b"],
        ["b", "a"],
      ])
        writeFileSync(
          join(folder, `Pulumi.${stack}.yaml`),
          `config: { "slipway:release": { promoteFrom: ${from} } }\n`,
        );
      assert.equal(stackFiles(folder).length, 2);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
