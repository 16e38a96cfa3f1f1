import assert from "node:assert/strict";
import { memorySettings } from "../../../components/database/memory.ts";

describe("PostgreSQL's memory settings", () => {
  it("give a quarter to shared buffers and expect half in the kernel's cache", () => {
    for (const [memory, shared, cache] of [
      ["256Mi", 64, 128],
      ["2Gi", 512, 1024],
      ["1G", 238, 476],
    ] as const)
      assert.deepEqual(memorySettings(memory), [
        "-c",
        `shared_buffers=${shared}MB`,
        "-c",
        `effective_cache_size=${cache}MB`,
      ]);
  });
});
