import assert from "node:assert/strict";
import { canonicalQuantity, normalize } from "../../../../sandbox/plugins/kubernetes/normalize.ts";
import type { KubernetesObject } from "../../../../sandbox/plugins/kubernetes/object.ts";
import { plain, secret } from "../../../../sandbox/plugins/properties.ts";

describe("Quantities", () => {
  const forms: [string | number, string][] = [
    ["0.5", "500m"],
    ["1000m", "1"],
    ["1500m", "1500m"],
    [1, "1"],
    ["0.1", "100m"],
    ["1024Mi", "1Gi"],
    ["1.5Gi", "1536Mi"],
    ["1000Mi", "1000Mi"],
    ["0.5Gi", "512Mi"],
    ["1073741824", "1073741824"],
    ["1000", "1k"],
    ["500M", "500M"],
    ["0", "0"],
    ["-0.5", "-500m"],
    ["much", "much"],
    ["1e3", "1e3"],
  ];
  for (const [given, canonical] of forms) {
    it(`writes ${JSON.stringify(given)} as the API server does: ${canonical}`, () => {
      assert.equal(canonicalQuantity(given), canonical);
    });
  }
});

describe("Normalized objects", () => {
  it("have canonical quantities in containers and claims, and nowhere else", () => {
    const object = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "p", labels: { requests: "0.5" } },
      spec: {
        containers: [
          { name: "c", resources: { limits: { cpu: 0.5, memory: "1024Mi" } }, env: [{ name: "A", value: "0.5" }] },
        ],
      },
    };
    assert.deepEqual(normalize(object), {
      ...object,
      spec: {
        containers: [
          { name: "c", resources: { limits: { cpu: "500m", memory: "1Gi" } }, env: [{ name: "A", value: "0.5" }] },
        ],
      },
    });
  });

  it("leave kinds that are not Kubernetes' own as they are", () => {
    const object = { apiVersion: "example.com/v1", kind: "Thing", metadata: {}, spec: { limits: { cpu: "0.5" } } };
    assert.deepEqual(normalize(object), object);
  });

  it("have a Secret's texts encoded, and still marked as secret", () => {
    const object = { apiVersion: "v1", kind: "Secret", metadata: {}, stringData: { a: secret("hush"), b: "open" } };
    const normalized = normalize(object as KubernetesObject);
    assert.deepEqual(normalized.data, { a: secret("aHVzaA=="), b: "b3Blbg==" });
    assert.equal("stringData" in normalized, false);
  });

  it("have a Secret's unknown text left for the update", () => {
    const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    const object = { apiVersion: "v1", kind: "Secret", metadata: {}, stringData: secret({ a: unknown }) };
    assert.deepEqual(plain(normalize(object as KubernetesObject).data), { a: unknown });
  });

  it("have no status and nothing that only the server writes", () => {
    const metadata = {
      name: "a",
      uid: "1",
      resourceVersion: "2",
      creationTimestamp: "3",
      generation: 4,
      managedFields: [],
    };
    const object = { apiVersion: "v1", kind: "ConfigMap", metadata, data: { none: null }, status: {} };
    assert.deepEqual(normalize(object as unknown as KubernetesObject), {
      ...{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: {} },
    });
  });
});
