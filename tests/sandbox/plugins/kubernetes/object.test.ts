import assert from "node:assert/strict";
import {
  asObject,
  idOf,
  isNamespaced,
  kindOf,
  kindOfUrn,
  parseId,
} from "../../../../sandbox/plugins/kubernetes/object.ts";

const urn = (type: string) => `urn:pulumi:dev::shop::slipway:index:WebApp$${type}::web`;

describe("Kinds", () => {
  it("are read from a resource's type", () => {
    assert.deepEqual(kindOfUrn(urn("kubernetes:apps/v1:Deployment")), {
      group: "apps",
      version: "v1",
      kind: "Deployment",
    });
    assert.deepEqual(kindOfUrn(urn("kubernetes:core/v1:Secret")), { group: "", version: "v1", kind: "Secret" });
    assert.equal(kindOfUrn(urn("kubernetes:networking.k8s.io/v1:Ingress")).group, "networking.k8s.io");
  });

  it("that are not served are refused by name", () => {
    for (const type of ["kubernetes:helm.sh/v3:Release", "kubernetes:core/v1:ConfigMapPatch", "docker:index:Image"]) {
      assert.throws(() => kindOfUrn(urn(type)), new RegExp(`stand-in .* does not support resources of type ${type}`));
    }
  });

  it("are known to live in a namespace or not without asking a server, as far as they are Kubernetes' own", () => {
    assert.equal(isNamespaced({ group: "apps", version: "v1", kind: "Deployment" }), true);
    assert.equal(isNamespaced({ group: "storage.k8s.io", version: "v1", kind: "StorageClass" }), false);
    assert.equal(isNamespaced({ group: "cert-manager.io", version: "v1", kind: "Issuer" }), undefined);
  });
});

describe("Ids", () => {
  it("are the namespace and the name, or the name alone", () => {
    const object = asObject(
      { metadata: { name: "web", namespace: "shop" } },
      kindOfUrn(urn("kubernetes:core/v1:Service")),
    );
    assert.equal(idOf(object), "shop/web");
    assert.deepEqual(parseId("shop/web"), { namespace: "shop", name: "web" });
    assert.deepEqual(parseId("shop"), { name: "shop" });
    assert.deepEqual(kindOf(object), { group: "", version: "v1", kind: "Service" });
  });
});
