import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";

/** Runs a module in a process of its own, as one loads the SDK once; what it prints, as JSON. */
const answers = (module: string) => {
  const before = `
    import { createRequire } from "node:module";
    import { types } from "node:util";
    const { cache } = createRequire(process.cwd() + "/x.js");
    const of = (name) => Object.keys(cache).filter((path) => path.includes("/node_modules/" + name + "/"));
    // Of the compiler there is a stand-in until it is asked for something; npm's tree of packages loads pacote.
    const loaded = () => ({
      sdk: of("@pulumi/pulumi").length > 0,
      typescript: of("typescript").some((path) => !types.isProxy(cache[path].exports)),
      packages: of("pacote").length > 0,
    });`;
  return JSON.parse(execFileSync("node", ["--input-type=module", "--eval", before + module], { encoding: "utf8" }));
};

describe("The SDK", () => {
  it("is loaded by the program without what turns functions into text", () => {
    // There is no engine to ask for settings, so that it ends once all is loaded.
    const program = 'await import("./index.ts").catch(() => {}); console.log(JSON.stringify(loaded()));';
    assert.deepEqual(answers(program), { sdk: true, typescript: false, packages: false });
  });

  it("has it for whoever asks", () => {
    const asking = `
      await import("./lazy-sdk.ts");
      const pulumi = await import("@pulumi/pulumi");
      const before = loaded();
      const { text } = await pulumi.runtime.serializeFunction(() => 3 + 4);
      console.log(JSON.stringify({ before, text, after: loaded() }));`;
    const { before, text, after } = answers(asking);
    assert.deepEqual(before, { sdk: true, typescript: false, packages: false });
    assert.match(text, /3 \+ 4/);
    assert.deepEqual(after, { sdk: true, typescript: true, packages: false });
  });
});
