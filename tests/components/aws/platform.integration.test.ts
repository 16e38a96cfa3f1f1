import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { stackFiles } from "../../../settings/stack-files.ts";

/** How many files of a package are loaded after each of several stacks was rendered, in this order, by a process of its own. */
async function loaded(folder: string, ...stacks: string[]): Promise<number[]> {
  const script = `
    const { createRequire } = await import("node:module");
    const { stackFiles } = await import("./settings/stack-files.ts");
    const { render } = await import("./commands/environments/render.ts");
    const counts = [];
    for (const stack of ${JSON.stringify(stacks)}) {
      await render(stackFiles().find((file) => file.stack === stack));
      counts.push(Object.keys(createRequire(process.cwd() + "/").cache).filter((file) => file.includes("${folder}")).length);
    }
    console.log(JSON.stringify(counts));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script]);
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "[]");
}

describe("The package for AWS", () => {
  it("is loaded by the stacks that use it alone", async () => {
    const using = stackFiles()
      .filter(({ config }) => "aws:region" in config)
      .map(({ stack }) => stack);
    assert.ok(using.length > 0 && !using.includes("dev"));
    const [dev, other = 0] = await loaded("/@pulumi/aws/", "dev", using[0] ?? "");
    assert.equal(dev, 0);
    assert.ok(other > 0);
  });
});
