import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rules } from "../../policy/rules.ts";

describe("The policy pack", () => {
  it("starts in plain Node, and prints the port on which it serves the engine", async () => {
    // Nothing listens at the engine's address; a pack asks it nothing.
    const pack = spawn(process.execPath, ["index.js", "127.0.0.1:1"], { cwd: "policy" });
    try {
      const [output] = await once(pack.stdout, "data");
      assert.match(String(output), /^\d+\n$/);
    } finally {
      pack.kill();
    }
  });

  it("describes every rule with its reason and remedy, and every setting with its default", () => {
    for (const { name, description = "", remediationSteps = "" } of rules)
      assert.ok(description.length > 20 && remediationSteps.length > 20, name);
    const settings = rules.flatMap(({ name, configSchema }) =>
      Object.entries(configSchema?.properties ?? {}).map(([setting, schema]) => {
        const { description = "", ...rest } = schema as { description?: string };
        assert.ok(description.length > 20, setting);
        return [name, setting, rest];
      }),
    );
    const texts = { type: "array", items: { type: "string" } };
    const registries = ["docker.io/library", "docker.io/valkey", "*.dkr.ecr.*.amazonaws.com", "localhost:5000"];
    assert.deepEqual(settings, [
      ["image-by-digest", "byTag", { ...texts, default: ["docker.io/library/postgres", "docker.io/valkey/valkey"] }],
      ["image-registry", "registries", { ...texts, default: registries }],
      ["public-load-balancer", "edges", { ...texts, default: ["slipway:index:Edge"] }],
      ["data-protected", "always", { type: "boolean", default: false }],
      ["resource-count", "most", { type: "integer", default: 150 }],
    ]);
  });
});
