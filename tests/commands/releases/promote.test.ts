import assert from "node:assert/strict";
import { choose, withRelease } from "../../../commands/releases/promote.ts";
import type { Verified } from "../../../components/release/verified.ts";
import { UserError } from "../../../settings/user-error.ts";
import { files } from "./stack-file.ts";

const release = { digest: `sha256:${"d".repeat(64)}`, commit: "unknown" };
const verified = async (): Promise<Verified> => ({ "v1.10": release, "v1.2": release, "v1.9": release });

describe("npm run promote", () => {
  it("chooses the newest release that the previous stack verified", async () => {
    const { from, before, after } = await choose(files, "staging", undefined, verified);
    assert.deepEqual([from, before, after], ["test", "v1.2", "v1.10"]);
  });

  it("chooses an older release by name", async () => {
    assert.equal((await choose(files, "staging", "v1.9", verified)).after, "v1.9");
  });

  const refused: [stack: string | undefined, wanted: string | undefined, says: RegExp][] = [
    ["staging", "v1.4", /v1\.4 was never verified in test.*\n.*v1\.10, v1\.9, v1\.2\n.*pulumi up --stack test/],
    ["test", undefined, /test builds its image. Stacks that promote: staging/],
    ["qa", undefined, /no Pulumi\.qa\.yaml. Stacks that promote: staging/],
    [undefined, undefined, /which stack.*staging/],
  ];
  for (const [stack, wanted, says] of refused) {
    it(`refuses STACK ${stack} with RELEASE ${wanted}`, () =>
      assert.rejects(choose(files, stack, wanted, verified), (error: Error) => {
        assert.match(error.message, says);
        return error instanceof UserError;
      }));
  }

  it("says whether nothing was verified yet, or pulumi knows no such stack", async () => {
    await assert.rejects(
      choose(files, "staging", undefined, async () => ({})),
      /No release was verified in test.*\n.*nothing yet/,
    );
    await assert.rejects(
      choose(files, "staging", undefined, async () => undefined),
      /pulumi knows no such stack/,
    );
  });

  it("changes one value of the stack file, and no comments or layout", () => {
    const text = 'config: # all of it\n  slipway:release:\n    name:   "v1.2" # the line\n    promoteFrom: test\n';
    assert.equal(withRelease(text, "v1.10"), text.replace('"v1.2"', "v1.10"));
  });

  it("adds the value if it is missing", () => {
    const text = "config:\n  slipway:release:\n    promoteFrom: test # from there\n";
    assert.equal(withRelease(text, "v1.1"), `${text}    name: v1.1\n`);
  });
});
