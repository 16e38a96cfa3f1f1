import assert from "node:assert/strict";
import { addVerified, newestFirst, type Verified } from "../../../components/release/verified.ts";

const release = { digest: `sha256:${"d".repeat(64)}`, commit: "unknown" };

describe("Verified releases", () => {
  it("are sorted by number, not by letter", () => {
    assert.deepEqual(newestFirst({ "v1.9": release, "v2.0": release, "v1.10": release }), ["v2.0", "v1.10", "v1.9"]);
  });

  it("are the newest 50", () => {
    const many: Verified = Object.fromEntries(Array.from({ length: 60 }, (_, number) => [`v1.${number}`, release]));
    const names = newestFirst(addVerified(many, "v1.60", release));
    assert.deepEqual([names.length, names[0], names.at(-1)], [50, "v1.60", "v1.11"]);
  });

  it("keep the others when one is replaced", () => {
    const again = { ...release, commit: "c".repeat(40) };
    const releases = { "v1.1": release, "v1.2": release };
    assert.deepEqual(addVerified(releases, "v1.2", again), { "v1.1": release, "v1.2": again });
  });
});
