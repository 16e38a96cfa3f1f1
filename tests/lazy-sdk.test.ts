import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";

/** Runs a module in a process of its own, as one loads the SDK once; what it prints, as JSON. */
const answers = (module: string) => {
  const require =
    'import { createRequire } from "node:module"; const { cache } = createRequire(process.cwd() + "/x.js");';
  const loaded =
    'const loaded = (name) => Object.keys(cache).some((path) => path.includes("/node_modules/" + name + "/"));';
  return JSON.parse(
    execFileSync("node", ["--input-type=module", "--eval", `${require}${loaded}${module}`], { encoding: "utf8" }),
  );
};
/** What the parts that are left out are the first to load. */
const loadedByParts = '["execa", "pacote", "@pulumi/pulumi"].map(loaded)';

describe("The SDK", () => {
  it("is loaded by the program without its Automation API and what turns functions into text", () => {
    // There is no engine to ask for settings, so that it ends once all is loaded.
    const program = 'await import("./index.ts").catch(() => {});';
    assert.deepEqual(answers(`${program} console.log(JSON.stringify(${loadedByParts}))`), [false, false, true]);
  });

  it("has them for whoever asks", () => {
    const asking = `
      import "./lazy-sdk.ts";
      const pulumi = await import("@pulumi/pulumi");
      const { text } = await pulumi.runtime.serializeFunction(() => 3 + 4);
      console.log(JSON.stringify({ text, workspace: typeof pulumi.automation.LocalWorkspace.create, loaded: ${loadedByParts} }));`;
    const { text, workspace, loaded } = answers(asking);
    assert.match(text, /3 \+ 4/);
    assert.equal(workspace, "function");
    // The tree of packages is asked for nothing here.
    assert.deepEqual(loaded, [true, false, true]);
  });
});
