import assert from "node:assert/strict";
import { addVerified, newestFirst, type Verified } from "../../../components/release/verified.ts";

const release = { digest: `sha256:${"d".repeat(64)}`, commit: "unknown" };
const many = (count: number): Verified =>
  Object.fromEntries(Array.from({ length: count }, (_, number) => [`v1.${number}`, release]));

describe("The record of verified releases", () => {
  it("orders by number, not by letter", () => {
    assert.deepEqual(newestFirst({ "v1.9": release, "v2.0": release, "v1.10": release }), ["v2.0", "v1.10", "v1.9"]);
  });

  it("keeps the newest 50", () => {
    const record = addVerified(many(60), "v1.60", release);
    assert.equal(Object.keys(record).length, 50);
    assert.deepEqual([newestFirst(record)[0], newestFirst(record).at(-1)], ["v1.60", "v1.11"]);
  });

  it("keeps what it has beside a new one, and replaces one of the same name", () => {
    const again = { ...release, commit: "c".repeat(40) };
    assert.deepEqual(addVerified({ "v1.1": release, "v1.2": release }, "v1.2", again), {
      "v1.1": release,
      "v1.2": again,
    });
  });
});
