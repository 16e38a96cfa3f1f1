import assert from "node:assert/strict";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { repository } from "../../sandbox/places.ts";

describe("Compiling a part", () => {
  const checkout = realpathSync(mkdtempSync(join(tmpdir(), "slipway-compile-")));
  const { PATH } = process.env;
  const calls = join(checkout, "calls");
  const program = join(checkout, ".sandbox", "bin", "local-path-provisioner");
  const count = () => readFileSync(calls, "utf8").trim().split("\n").length;
  // biome-ignore lint/suspicious/noExplicitAny: the module of another checkout
  let compile: any;
  let part: object;

  /** Puts a compiler on the PATH that writes down how it is called, and each program, unless it does something else. */
  const compiler = (instead = "") =>
    writeFileSync(
      join(checkout, "bin", "go"),
      `#!/bin/sh\necho "$*" >>'${calls}'\n${instead}\nwhile [ "$1" != -o ]; do shift; done\nout=$2\nshift 2\nfor each; do : >"$out/\${each##*/}"; done\n`,
      { mode: 0o755 },
    );

  before(async () => {
    cpSync(join(repository, "sandbox"), join(checkout, "sandbox"), { recursive: true });
    mkdirSync(join(checkout, "bin"));
    process.env.PATH = [join(checkout, "bin"), PATH].join(delimiter);
    compile = await import(pathToFileURL(join(checkout, "sandbox", "compile.ts")).href);
    part = compile.clusterParts.find(({ name }: { name: string }) => name === "local-path");
  });
  after(() => {
    process.env.PATH = PATH;
    rmSync(checkout, { recursive: true });
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
    appendFileSync(join(checkout, "sandbox", "compile", "local-path", "go.mod"), "// another\n");
    await compile.ensureCompiled(part);
    assert.equal(count() - before, 2);
  });
});
