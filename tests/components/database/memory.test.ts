import assert from "node:assert/strict";
import { memorySettings } from "../../../components/database/memory.ts";
import { bytes } from "../../../settings/quantity.ts";

describe("Memory settings", () => {
  it("fit the server's buffers to the container's memory", () => {
    assert.deepEqual(memorySettings("256Mi"), ["-c", "shared_buffers=64MB", "-c", "effective_cache_size=128MB"]);
    assert.deepEqual(memorySettings("2Gi"), ["-c", "shared_buffers=512MB", "-c", "effective_cache_size=1024MB"]);
    assert.deepEqual(memorySettings("1G"), ["-c", "shared_buffers=238MB", "-c", "effective_cache_size=476MB"]);
  });

  it("read every unit that a setting may have, and nothing else", () => {
    assert.equal(bytes("1.5Gi"), 1.5 * 2 ** 30);
    assert.equal(bytes("1500m"), 1.5);
    assert.equal(bytes("7"), 7);
    assert.throws(() => bytes("much"), /much is not a Kubernetes quantity/);
    assert.throws(() => bytes("1Xi"), /not a Kubernetes quantity/);
  });
});
