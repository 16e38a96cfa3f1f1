import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { certManagerPart } from "../../sandbox/addons/cert-manager.ts";
import { metricsServerPart } from "../../sandbox/addons/metrics-server.ts";
import { traefikPart } from "../../sandbox/addons/traefik.ts";
import { readRecipe, recipeHash } from "../../sandbox/compile.ts";
import * as parts from "../../sandbox/parts.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

describe("A compile recipe", () => {
  it("has the programs and the version of a go.mod, with tools in a block or on lines of their own", () => {
    const block =
      "module x\ntool (\n\ta.example/b/cmd/one\n\ta.example/b/cmd/two\n)\nrequire (\n\ta.example/b v1.2.3 // indirect\n)\n";
    assert.deepEqual(readRecipe(block, "a.example/b"), {
      packages: ["a.example/b/cmd/one", "a.example/b/cmd/two"],
      version: "v1.2.3",
    });
    const single = "module x\ntool a.example/b\nrequire a.example/b v2.0.0\n";
    assert.deepEqual(readRecipe(single, "a.example/b"), { packages: ["a.example/b"], version: "v2.0.0" });
  });

  it("is refused if its go.mod does not name the module", () => {
    assert.throws(() => readRecipe("module x\ntool a.example/b\n", "a.example/b"), /a\.example\/b/);
  });
});

const { dockerBuildPart } = parts;

describe("The hash of a compile recipe", () => {
  const folder = new TemporaryFolder();
  const hash = (part = dockerBuildPart) => recipeHash(part, folder.path("copy"));
  beforeEach(() => cpSync("sandbox/compile/docker-build", folder.path("copy"), { recursive: true }));

  it("exists for every part: each go.mod has its module and programs", () => {
    for (const part of [...Object.values(parts).flat(), metricsServerPart, certManagerPart, traefikPart])
      assert.match(recipeHash(part), /^[0-9a-f]{64}$/);
  });

  it("is the same for the same files in another folder", () => {
    assert.equal(hash(), recipeHash(dockerBuildPart));
  });

  for (const file of ["go.sum", "java/pkg/codegen/java/java.go", "extra.go"]) {
    it(`changes with ${file}`, () => {
      folder.write(`copy/${file}`, "// changed\n");
      assert.notEqual(hash(), recipeHash(dockerBuildPart));
    });
  }

  it("changes with the compiler options", () => {
    assert.notEqual(hash({ ...dockerBuildPart, stamp: () => ["main.x=y"] }), hash());
  });

  it("does not change with a file that is not compiled", () => {
    folder.write("copy/notes.txt", "x");
    assert.equal(hash(), recipeHash(dockerBuildPart));
  });
});
