import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const readme = readFileSync("README.md", "utf8");
const { engines, devDependencies } = JSON.parse(readFileSync("package.json", "utf8"));
const section = (title: string): string => readme.split(`\n## ${title}\n`)[1]?.split("\n## ")[0] ?? "";

describe("README.md", () => {
  it("asks for the Node that npm needs where npm runs everything, and names the one that is installed", () => {
    const [, least, installed] =
      /Node \((\d+) or later: `npm run up` installs the (\d+) /.exec(
        section("From nothing to a running application"),
      ) ?? [];
    assert.equal(`>=${least}`, engines.node);
    assert.equal(installed, devDependencies.node.split(".")[0]);
  });

  it("asks for the Node that runs the program where pulumi is run by hand", () => {
    const [, wanted] = /Node \(([\d.]+) or later\)/.exec(readFileSync("Pulumi.yaml", "utf8")) ?? [];
    assert.ok(wanted);
    assert.ok(section("On your own cluster").includes(`Node ${wanted} or later`));
  });
});
