import assert from "node:assert/strict";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter } from "node:path";
import { OtherCheckout } from "./other-checkout.ts";

describe("Compiling a part", () => {
  const checkout = new OtherCheckout();
  const { PATH } = process.env;
  const calls = checkout.path("calls");
  const program = checkout.path(".sandbox", "bin", "local-path-provisioner");
  const count = () => readFileSync(calls, "utf8").trim().split("\n").length;
  // biome-ignore lint/suspicious/noExplicitAny: the module of another checkout
  let compile: any;
  let part: object;

  /** Puts a compiler on the PATH that writes down how it is called, and each program, unless it does something else. */
  const compiler = (instead = "") =>
    writeFileSync(
      checkout.path("bin", "go"),
      `#!/bin/sh\necho "$*" >>'${calls}'\n${instead}\nwhile [ "$1" != -o ]; do shift; done\nout=$2\nshift 2\nfor each; do : >"$out/\${each##*/}"; done\n`,
      { mode: 0o755 },
    );

  before(async () => {
    mkdirSync(checkout.path("bin"));
    process.env.PATH = [checkout.path("bin"), PATH].join(delimiter);
    compile = await checkout.module("compile.ts");
    part = (await checkout.module("parts.ts")).clusterParts.find(({ name }: { name: string }) => name === "local-path");
  });
  after(() => {
    process.env.PATH = PATH;
    checkout.remove();
  });

  it("that fails shows the end of what the compiler said, and is not taken for done", async () => {
    compiler("echo 'undefined: something'; exit 1");
    await assert.rejects(
      compile.ensureCompiled(part),
      /compile-local-path failed \(exit code 1\).*undefined: something/s,
    );
    assert.deepEqual([compile.isCompiled(part), existsSync(program)], [false, false]);
  });

  it("is done once, and again only where its recipe is another one", async () => {
    compiler();
    const before = count();
    for (let time = 0; time < 2; time++) await compile.ensureCompiled(part);
    assert.deepEqual([count() - before, existsSync(program)], [1, true]);
    appendFileSync(checkout.path("sandbox", "compile", "local-path", "go.mod"), "// another\n");
    await compile.ensureCompiled(part);
    assert.equal(count() - before, 2);
  });
});
