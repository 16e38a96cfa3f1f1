import assert from "node:assert/strict";
import { type DataSettings, dataOf, losses } from "../../preflight/data-loss.ts";

const database = { image: "postgres:17", name: "app", storage: "20Gi", protect: true, backups: {} };
const settings: DataSettings = { namespace: "shop", database };

const change = (changed: Partial<NonNullable<DataSettings["database"]>>, namespace = "shop"): string[] => {
  const [earlier, next] = [dataOf(settings), dataOf({ namespace, database: { ...database, ...changed } })];
  assert.ok(earlier);
  return losses(earlier, next);
};

describe("Kept data", () => {
  it("is not lost by what is ordinary: a minor version, growth, lifted protection, more room for backups", () => {
    assert.deepEqual(change({}), []);
    assert.deepEqual(change({ image: "registry.example.com:5000/team/postgres:17.4-bookworm" }), []);
    assert.deepEqual(change({ storage: "21474836480" }), []);
    assert.deepEqual(change({ storage: "1Ti", backups: { storage: "2Ti" } }), []);
    assert.deepEqual(change({ protect: false }), []);
  });

  it("would be lost by each of these, and the reason says which setting", () => {
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

  it("would be lost by a program that calls its claim something else", () => {
    const earlier = dataOf(settings);
    assert.ok(earlier);
    assert.match(
      String(losses({ ...earlier, claim: "data" }, earlier)),
      /the claim would be database-data, it was data/,
    );
  });

  it("would be lost where the database is taken out of the program", () => {
    const earlier = dataOf(settings);
    assert.ok(earlier);
    assert.deepEqual(losses(earlier, dataOf({ namespace: "shop" })), [
      "slipway:database is gone: its volume would be deleted",
    ]);
  });

  it("gives every reason at once", () => {
    assert.equal(
      change({ storage: "1Gi", image: "postgres:16", storageClass: "slow", backups: { storage: "20Gi" } }, "store")
        .length,
      4,
    );
  });

  it("knows the version of an image that is pinned by digest as well", () => {
    const pinned = { ...database, image: `postgres:17.2@sha256:${"a".repeat(64)}` };
    assert.equal(dataOf({ namespace: "shop", database: pinned })?.postgres, 17);
  });
});
