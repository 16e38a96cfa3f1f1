import assert from "node:assert/strict";
import { markSecrets, readCheckpoint, writeCheckpoint } from "../../../../sandbox/plugins/kubernetes/checkpoint.ts";
import { containsSecret, secret } from "../../../../sandbox/plugins/properties.ts";

const inputs = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: { open: "1", hidden: "2" } };
const live = { ...inputs, metadata: { name: "a", uid: "u", managedFields: [{ manager: "x" }] } };

describe("Checkpoint", () => {
  it("holds the live object, the inputs and the field manager under the official plugin's names", () => {
    const state = writeCheckpoint({ inputs, live, fieldManager: "pulumi-kubernetes-12345678" }, inputs);
    assert.deepEqual(state, {
      ...inputs,
      metadata: { name: "a", uid: "u" },
      __inputs: inputs,
      __initialApiVersion: "v1",
      __fieldManager: "pulumi-kubernetes-12345678",
    });
    assert.deepEqual(readCheckpoint(state).inputs, inputs);
    assert.equal(readCheckpoint(state).fieldManager, "pulumi-kubernetes-12345678");
  });

  it("marks as secret what was secret in the inputs, in both places, and nothing else", () => {
    const marked = { ...inputs, data: { open: "1", hidden: secret("2") } };
    const state = writeCheckpoint({ inputs, live, fieldManager: "m" }, marked);
    assert.deepEqual(state.data, { open: "1", hidden: secret("2") });
    assert.deepEqual((state.__inputs as typeof inputs).data, { open: "1", hidden: secret("2") });
    assert.deepEqual(readCheckpoint(state).live.data, inputs.data);
  });

  it("marks a whole list when one of its items was secret, since items move", () => {
    const marked = markSecrets({ list: [1, 2] }, { list: [1, secret(2)] });
    assert.deepEqual(marked.list, secret([1, 2]));
  });

  it("marks all data of a Secret, whatever the inputs said", () => {
    const object = { apiVersion: "v1", kind: "Secret", metadata: {}, data: { a: "b3Blbg==" } };
    const state = writeCheckpoint({ inputs: object, live: object, fieldManager: "m" }, object);
    assert.ok(containsSecret(state.data));
    assert.ok(containsSecret((state.__inputs as typeof object).data));
  });
});
