import assert from "node:assert/strict";
import fc from "fast-check";
import { difference, isWithin, prune } from "../../../../sandbox/plugins/kubernetes/difference.ts";
import { mayBeReplacedForRefusal, replacingPaths } from "../../../../sandbox/plugins/kubernetes/immutable.ts";
import type { Properties } from "../../../../sandbox/plugins/properties.ts";

const changes = (live: Properties, inputs: Properties) => Object.fromEntries(difference(live, inputs));

describe("difference", () => {
  it("names each changed property by its path", () => {
    const live = { spec: { replicas: 1, containers: [{ image: "a" }, { image: "b" }], old: 1 } };
    const inputs = { spec: { replicas: 2, containers: [{ image: "a" }, { image: "c" }], fresh: {} } };
    assert.deepEqual(changes(live, inputs), {
      "spec.replicas": "update",
      "spec.containers[1].image": "update",
      "spec.old": "delete",
      "spec.fresh": "add",
    });
  });

  it("quotes keys that have dots, brackets or quotes", () => {
    const live = { metadata: { annotations: { "a.b/c": "1", 'q"': "1" } } };
    const inputs = { metadata: { annotations: { "a.b/c": "2", 'q"': "2" } } };
    assert.deepEqual(Object.keys(changes(live, inputs)), [
      'metadata.annotations["a.b/c"]',
      'metadata.annotations["q\\""]',
    ]);
  });

  it("reports items at the end of a list as added or deleted", () => {
    assert.deepEqual(changes({ l: [1] }, { l: [1, 2] }), { "l[1]": "add" });
    assert.deepEqual(changes({ l: [1, 2] }, { l: [1] }), { "l[1]": "delete" });
  });

  it("is empty for equal objects, and never for different ones", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue()), (a, b) => {
        assert.equal(difference(a, structuredClone(a)).size, 0);
        assert.equal(difference(a, b).size === 0, JSON.stringify(sorted(a)) === JSON.stringify(sorted(b)));
      }),
    );
  });
});

describe("prune", () => {
  it("keeps of the live object what the inputs decide", () => {
    const live = { spec: { replicas: 3, strategy: "default", list: [{ a: 1, b: 2 }, { a: 3 }] }, status: {} };
    assert.deepEqual(prune(live, { spec: { replicas: 2, list: [{ a: 0 }] } }), {
      spec: { replicas: 3, list: [{ a: 1 }] },
    });
  });

  it("counts a member that says nothing as being there, though the server drops it", () => {
    const inputs = { spec: { hostNetwork: false, ingress: [], env: [{ name: "A", value: "" }], replicas: 1 } };
    const live = { spec: { env: [{ name: "A" }] } };
    assert.deepEqual(prune(live, inputs), {
      spec: { hostNetwork: false, ingress: [], env: [{ name: "A", value: "" }] },
    });
  });

  it("shows what was changed by hand, also where the program said nothing much", () => {
    assert.deepEqual(prune({ spec: { hostNetwork: true } }, { spec: { hostNetwork: false } }), {
      spec: { hostNetwork: true },
    });
  });
});

describe("replacingPaths", () => {
  const paths = (apiVersion: string, kind: string, more: Properties = {}, mutable = false) =>
    replacingPaths({ apiVersion, kind, metadata: {}, ...more }, { configMaps: mutable, secrets: mutable });
  const isReplaced = (path: string, among: string[]) => isWithin(path, among);

  it("replaces an object for its name and its namespace, whatever its kind", () => {
    assert.deepEqual(paths("example.com/v1", "Thing"), ["metadata.name", "metadata.namespace"]);
  });

  it("replaces a claim for its access modes and its class, but not for its size", () => {
    const claim = paths("v1", "PersistentVolumeClaim");
    assert.ok(isReplaced("spec.accessModes[0]", claim));
    assert.ok(isReplaced("spec.storageClassName", claim));
    assert.equal(isReplaced("spec.resources.requests.storage", claim), false);
  });

  it("replaces a Job for its template and a Deployment for its selector only", () => {
    assert.ok(isReplaced("spec.template.spec.containers[0].image", paths("batch/v1", "Job")));
    assert.ok(isReplaced("spec.selector.matchLabels.app", paths("apps/v1", "Deployment")));
    assert.equal(isReplaced("spec.template.spec.containers[0].image", paths("apps/v1", "Deployment")), false);
  });

  it("replaces ConfigMaps and Secrets for their data, unless the provider allows changes", () => {
    for (const kind of ["ConfigMap", "Secret"]) {
      assert.ok(isReplaced("data.a", paths("v1", kind)));
      assert.equal(isReplaced("data.a", paths("v1", kind, {}, true)), false);
      assert.ok(isReplaced("data.a", paths("v1", kind, { immutable: true }, true)));
    }
  });

  it("never replaces what owns data because the server refused a change", () => {
    for (const kind of ["PersistentVolumeClaim", "StatefulSet", "PersistentVolume", "Namespace"]) {
      assert.equal(mayBeReplacedForRefusal({ apiVersion: "v1", kind, metadata: {} }), false);
    }
    assert.equal(mayBeReplacedForRefusal({ apiVersion: "v1", kind: "Service", metadata: {} }), true);
  });
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return Object.is(value, -0) ? "minus zero" : value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, child]) => [key, sorted(child)]);
}
