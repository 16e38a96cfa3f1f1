import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { release } from "../../../commands/delivery/release.ts";
import { policyOptions } from "../../../commands/preview/policies.ts";
import { stackFiles } from "../../../settings/stack-files.ts";
import { SimulatedPrograms } from "./simulated-programs.ts";
import { userError } from "./user-error.ts";

describe("npm run release", () => {
  let programs: SimulatedPrograms;
  const text = "config: # test\n  slipway:release:\n    name: v1.1 # here\n    build: { context: app }\n";
  beforeEach(() => {
    programs = new SimulatedPrograms();
    programs.file("Pulumi.test.yaml", text);
    programs.file("Pulumi.prod.yaml", "config: { slipway:release: { name: v1.1, promoteFrom: test } }\n");
    programs.program("pulumi", [{ when: "up*", code: 7 }]);
  });
  afterEach(() => programs.remove());
  const releaseIn = (stack: string, name: string) => release(stackFiles(programs.folder), stack, name);

  it("writes the name into this checkout, deploys it, and returns the exit code of the update", async () => {
    assert.equal(await releaseIn("test", "v1.42"), 7);
    assert.equal(readFileSync(`${programs.folder}/Pulumi.test.yaml`, "utf8"), text.replace("v1.1", "v1.42"));
    assert.deepEqual(
      programs.calls("pulumi").map(({ args }) => args.join(" ")),
      [`up --yes --skip-preview --non-interactive --stack test ${policyOptions().join(" ")}`],
    );
  });

  const refused: [stack: string, name: string, says: RegExp][] = [
    [
      "prod",
      "v1.42",
      /prod runs what test has verified, and builds nothing; nothing was changed\.\n.*npm run promote -- prod/,
    ],
    ["test", "latest", /RELEASE is latest; allowed: as v1\.17/],
    ["test", "", /RELEASE is missing/],
    ["qa", "v1.42", /STACK is qa; allowed: test\n/],
  ];
  for (const [stack, name, says] of refused)
    it(`refuses STACK "${stack}" with RELEASE "${name}", and changes nothing`, async () => {
      assert.match(await userError(releaseIn(stack, name)), says);
      assert.equal(readFileSync(`${programs.folder}/Pulumi.test.yaml`, "utf8"), text);
      assert.deepEqual(programs.calls("pulumi"), []);
    });
});
