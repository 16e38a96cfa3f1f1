import assert from "node:assert/strict";
import { neededImages } from "../../sandbox/base-images.ts";

const named = (official: boolean, ...configs: object[]) => neededImages(official, configs).map(({ folder }) => folder);
const cache = { "slipway:accessories": { cache: { image: "valkey/valkey:8.1", port: 6379 } } };

describe("The sandbox's base images", () => {
  it("are those of the sample application, and an accessory's only for a stack that has it", () => {
    const usual = ["busybox", "pause", "debian", "python", "postgres"];
    assert.deepEqual(named(false, {}), usual);
    assert.deepEqual(named(false, { "slipway:accessories": { cache: { image: "redis:8" } } }), usual);
    assert.deepEqual(named(false, {}, cache), [...usual, "valkey"]);
  });

  it("are pulled if official images are reachable, except what the cluster itself needs", () => {
    assert.deepEqual(named(true, cache), ["busybox", "pause"]);
  });
});
