import assert from "node:assert/strict";
import { appendFileSync, existsSync, readFileSync } from "node:fs";
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

  /** Simulates a compiler that logs its calls and, after these commands, writes each program. */
  const compiler = (commands = "") =>
    checkout.script(
      "bin/go",
      `echo "$*" >>'${calls}'\n${commands}\nwhile [ "$1" != -o ]; do shift; done\nout=$2\nshift 2\nfor each; do : >"$out/\${each##*/}"; done`,
    );

  before(async () => {
    process.env.PATH = [checkout.path("bin"), PATH].join(delimiter);
    compile = await checkout.module("compile.ts");
    const { clusterParts } = await checkout.module("parts.ts");
    part = clusterParts.find(({ name }: { name: string }) => name === "local-path");
  });
  after(() => {
    process.env.PATH = PATH;
  });

  it("shows the end of the compiler's output if it fails, and does not count as done", async () => {
    compiler("echo 'undefined: something'; exit 1");
    await assert.rejects(
      compile.ensureCompiled(part),
      /compile-local-path failed \(exit code 1\).*undefined: something/s,
    );
    assert.deepEqual([compile.isCompiled(part), existsSync(program)], [false, false]);
  });

  it("happens once, and again only if its recipe has changed", async () => {
    compiler();
    const before = count();
    for (let time = 0; time < 2; time++) await compile.ensureCompiled(part);
    assert.deepEqual([count() - before, existsSync(program)], [1, true]);
    appendFileSync(checkout.path("sandbox", "compile", "local-path", "go.mod"), "// another\n");
    await compile.ensureCompiled(part);
    assert.equal(count() - before, 2);
  });
});
