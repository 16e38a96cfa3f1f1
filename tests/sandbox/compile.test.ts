import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readRecipe, recipeHash } from "../../sandbox/compile.ts";
import { clusterParts, dockerBuildPart, pulumiPart, syftPart } from "../../sandbox/parts.ts";

describe("A compile recipe", () => {
  it("says what to compile and in which version, whichever way go.mod writes it", () => {
    const block =
      "module x\ntool (\n\ta.example/b/cmd/one\n\ta.example/b/cmd/two\n)\nrequire (\n\ta.example/b v1.2.3 // indirect\n)\n";
    assert.deepEqual(readRecipe(block, "a.example/b"), {
      packages: ["a.example/b/cmd/one", "a.example/b/cmd/two"],
      version: "v1.2.3",
    });
    const single = "module x\ntool a.example/b\nrequire a.example/b v2.0.0\n";
    assert.deepEqual(readRecipe(single, "a.example/b"), { packages: ["a.example/b"], version: "v2.0.0" });
  });

  it("is refused when go.mod does not name the module", () => {
    assert.throws(() => readRecipe("module x\ntool a.example/b\n", "a.example/b"), /a\.example\/b/);
  });

  it("is complete for every part", () => {
    for (const part of [...clusterParts, pulumiPart, dockerBuildPart, syftPart])
      assert.match(recipeHash(part), /^[0-9a-f]{64}$/);
  });

  describe("its hash", () => {
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "slipway-recipe-"));
      cpSync("sandbox/compile/docker-build", folder, { recursive: true });
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    it("is the same for the same files elsewhere", () => {
      assert.equal(recipeHash(dockerBuildPart, folder), recipeHash(dockerBuildPart));
    });

    for (const file of ["go.sum", "java/pkg/codegen/java/java.go", "extra.go"]) {
      it(`changes with ${file}`, () => {
        writeFileSync(join(folder, file), "// changed\n");
        assert.notEqual(recipeHash(dockerBuildPart, folder), recipeHash(dockerBuildPart));
      });
    }

    it("changes with the options", () => {
      const part = { ...dockerBuildPart, stamp: () => ["main.x=y"] };
      assert.notEqual(recipeHash(part, folder), recipeHash(dockerBuildPart, folder));
    });

    it("does not change with a file that is not compiled", () => {
      writeFileSync(join(folder, "notes.txt"), "x");
      assert.equal(recipeHash(dockerBuildPart, folder), recipeHash(dockerBuildPart));
    });
  });
});
