import assert from "node:assert/strict";
import { type DataSettings, dataOf, losses, type StackData } from "../../preflight/data-loss.ts";

const database = { image: "postgres:17", name: "app", storage: "20Gi", protect: true, backups: {} };
const earlier = dataOf({ namespace: "shop", database }) as StackData;

const change = (changed: Partial<NonNullable<DataSettings["database"]>>, namespace = "shop"): string[] =>
  losses(earlier, dataOf({ namespace, database: { ...database, ...changed } }));

describe("losses", () => {
  it("lists none for a minor version, growth, lifted protection or more room for backups", () => {
    assert.deepEqual(change({}), []);
    assert.deepEqual(change({ image: "registry.example.com:5000/team/postgres:17.4-bookworm" }), []);
    assert.deepEqual(change({ storage: "21474836480" }), []);
    assert.deepEqual(change({ storage: "1Ti", backups: { storage: "2Ti" } }), []);
    assert.deepEqual(change({ protect: false }), []);
  });

  it("names the setting that would lose data", () => {
    assert.match(String(change({}, "store")), /^slipway:namespace is store, it was shop: .*deleted/);
    assert.match(String(change({ name: "orders" })), /^slipway:database\.name is orders, it was app/);
    assert.match(String(change({ storageClass: "gp3" })), /^slipway:database\.storageClass is gp3, it was not set/);
    assert.match(String(change({ image: "postgres:18" })), /major version is 18, it was 17: .*cannot read/);
    assert.match(
      String(change({ storage: "19Gi" })),
      /^slipway:database\.storage is 19Gi, it was 20Gi: .*never shrink/,
    );
    assert.match(String(change({ backups: { storage: "1Gi" } })), /^slipway:database\.backups\.storage is 1Gi/);
    assert.match(String(change({ backups: undefined })), /^slipway:database\.backups is gone/);
  });

  it("names a claim that has another name", () => {
    assert.match(String(losses({ ...earlier, claim: "data" }, earlier)), /claim would be database-data, it was data/);
  });

  it("names a database that is no longer set", () => {
    const reasons = losses(earlier, dataOf({ namespace: "shop" }));
    assert.deepEqual(reasons, ["slipway:database is gone: its volume would be deleted"]);
  });

  it("lists every reason at once", () => {
    const changed = { storage: "1Gi", image: "postgres:16", storageClass: "slow", backups: { storage: "20Gi" } };
    assert.equal(change(changed, "store").length, 4);
  });

  it("reads the version of an image with a digest", () => {
    const pinned = { ...database, image: `postgres:17.2@sha256:${"a".repeat(64)}` };
    assert.equal(dataOf({ namespace: "shop", database: pinned })?.postgres, 17);
  });
});
