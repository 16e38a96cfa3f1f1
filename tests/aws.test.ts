import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { stackFiles } from "../releases/stack-files.ts";

/** Files of a package that are loaded while a process of its own renders a stack. */
async function loaded(stack: string, folder: string): Promise<string[]> {
  const script = `
    const { createRequire } = await import("node:module");
    const { stackFiles } = await import("./releases/stack-files.ts");
    const { render } = await import("./review/render.ts");
    await render(stackFiles().find((file) => file.stack === ${JSON.stringify(stack)}));
    console.log(JSON.stringify(Object.keys(createRequire(process.cwd() + "/").cache)));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script]);
  return (JSON.parse(stdout.trim().split("\n").at(-1) ?? "[]") as string[]).filter((file) => file.includes(folder));
}

describe("The package for AWS", () => {
  it("is loaded by the stacks that use it alone", async () => {
    const using = stackFiles()
      .filter(({ config }) => "aws:region" in config)
      .map(({ stack }) => stack);
    assert.ok(using.length > 0 && !using.includes("dev"));
    const [dev, other] = await Promise.all(["dev", using[0] ?? ""].map((stack) => loaded(stack, "/@pulumi/aws/")));
    assert.deepEqual(dev, []);
    assert.ok(other && other.length > 0);
  });
});
