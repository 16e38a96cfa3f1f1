import assert from "node:assert/strict";
import { isAutonamed, withName } from "../../../../sandbox/plugins/kubernetes/autoname.ts";
import type { KubernetesObject } from "../../../../sandbox/plugins/kubernetes/object.ts";

const seed = new Uint8Array([1, 2, 3]);
const configMap = (metadata: KubernetesObject["metadata"] = {}): KubernetesObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata,
});

describe("Autonaming", () => {
  it("adds eight hex digits to the logical name and says so in an annotation", () => {
    const named = withName(configMap({ annotations: { kept: "yes" } }), undefined, "settings", seed);
    assert.match(named.metadata.name ?? "", /^settings-[0-9a-f]{8}$/);
    assert.deepEqual(named.metadata.annotations, { kept: "yes", "pulumi.com/autonamed": "true" });
    assert.ok(isAutonamed(named));
  });

  it("gives the same name for the same seed, so that a preview and its update agree", () => {
    const name = () => withName(configMap(), undefined, "settings", seed).metadata.name;
    assert.equal(name(), name());
    assert.notEqual(withName(configMap(), undefined, "settings", new Uint8Array([4])).metadata.name, name());
  });

  it("keeps the name that the old object was given", () => {
    const old = withName(configMap(), undefined, "settings", seed);
    assert.equal(withName(configMap(), old, "settings", new Uint8Array([9])).metadata.name, old.metadata.name);
  });

  it("does not keep a name that the program chose and has dropped", () => {
    const named = withName(configMap(), configMap({ name: "chosen" }), "settings", seed);
    assert.match(named.metadata.name ?? "", /^settings-/);
  });

  it("leaves a chosen name, an unknown name and generateName alone", () => {
    const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    for (const metadata of [{ name: "chosen" }, { name: unknown }, { generateName: "settings-" }]) {
      assert.deepEqual(withName(configMap(metadata), undefined, "settings", seed).metadata, metadata);
    }
  });

  it("takes the engine's proposal, and refuses when the project switched names off", () => {
    const proposed = withName(configMap(), undefined, "settings", seed, { proposedName: "shop-settings" });
    assert.equal(proposed.metadata.name, "shop-settings");
    assert.throws(
      () => withName(configMap(), undefined, "settings", seed, { disabled: true }),
      /disabled and settings has no metadata.name/,
    );
  });
});
