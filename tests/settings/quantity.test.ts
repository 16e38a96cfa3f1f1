import assert from "node:assert/strict";
import { bytes } from "../../settings/quantity.ts";

describe("A Kubernetes quantity", () => {
  it("is converted to bytes, and refused if it is none", () => {
    assert.deepEqual(["1.5Gi", "1500m", "7"].map(bytes), [1.5 * 2 ** 30, 1.5, 7]);
    for (const other of ["much", "1Xi"]) assert.throws(() => bytes(other), / Kubernetes quantity/);
  });
});
