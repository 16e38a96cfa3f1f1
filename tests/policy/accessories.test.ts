import assert from "node:assert/strict";
import { render } from "../../commands/environments/render.ts";
import { rules } from "../../policy/rules.ts";
import { fileOf } from "../commands/environments/committed.ts";
import { toTestResources, violatedRules } from "./rule-tests.ts";

/** Rules that an environment violates with an accessory and volumes. */
async function violated(stack: string, image: string): Promise<string[]> {
  const { config, ...file } = fileOf(stack);
  const volumes = { "/app/uploads": { storage: "1Gi" }, "/run": {} };
  const cache = { image, port: 6379, volumes: { "/data": { storage: "1Gi" } } };
  const changed = {
    "slipway:web": { ...config["slipway:web"], replicas: 1, volumes },
    "slipway:accessories": { cache },
    "slipway:accessorySecrets": { cache: { PASSWORD: { secure: "v1:x" } } },
  };
  return violatedRules([...rules], toTestResources(await render({ ...file, config: { ...config, ...changed } })));
}

describe("The policies", () => {
  for (const stack of ["dev", "prod"])
    it(`accept an accessory and volumes in ${stack}, with the official image of Valkey`, async () => {
      assert.deepEqual(await violated(stack, "valkey/valkey:8.1"), []);
    });

  it("refuse an accessory of another repository by a tag, and from a registry that is not listed", async () => {
    assert.deepEqual(await violated("dev", "somebody/cache:1.2"), ["image-by-digest", "image-registry"]);
  });
});
