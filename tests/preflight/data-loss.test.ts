import assert from "node:assert/strict";
import {
  type DataSettings,
  dataOf,
  losses,
  parseData,
  refuseDataLoss,
  type StackData,
} from "../../preflight/data-loss.ts";

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
    assert.deepEqual(reasons, ["slipway:database is gone, or elsewhere: its volume would be deleted"]);
  });

  it("lists every reason at once", () => {
    const changed = { storage: "1Gi", image: "postgres:16", storageClass: "slow", backups: { storage: "20Gi" } };
    assert.equal(change(changed, "store").length, 4);
  });

  const uploads = { storage: "10Gi" };
  const setting = 'slipway:web.volumes["/app/uploads"]';
  const owners = (volume: object, path = "/app/uploads") => ({
    web: { volumes: { [path]: { ...uploads, ...volume } } },
  });
  const files = dataOf({ namespace: "shop" }, owners({ protect: true })) as StackData;
  const changeVolume = (changes: object, path?: string): string[] =>
    losses(files, dataOf({ namespace: "shop" }, owners(changes, path)));

  it("lists none for a volume that grows, moves to another path under its name, or appears", () => {
    assert.deepEqual(changeVolume({}), []);
    assert.deepEqual(changeVolume({ storage: "20Gi" }), []);
    assert.deepEqual(changeVolume({}, "/srv/uploads"), []);
    assert.deepEqual(changeVolume({ name: "uploads" }, "/srv/files"), []);
    assert.deepEqual(losses(earlier, dataOf({ namespace: "shop", database }, owners({}))), []);
  });

  it("names the volume that would be lost", () => {
    const gone = `${setting} is gone, or its name is another: its volume, the claim web-uploads, would be deleted`;
    assert.deepEqual(losses(files, undefined), [gone]);
    assert.deepEqual(changeVolume({ storage: undefined }), [gone]);
    assert.deepEqual(changeVolume({}, "/app/files"), [gone]);
    assert.deepEqual(changeVolume({ name: "files" }), [gone]);
    assert.deepEqual(changeVolume({ storage: "9Gi" }), [
      `${setting}.storage is 9Gi, it was 10Gi: a volume can grow, never shrink`,
    ]);
    assert.deepEqual(changeVolume({ storageClass: "fast" }), [
      `${setting}.storageClass is fast, it was not set: the volume would be replaced by an empty one`,
    ]);
    assert.deepEqual(changeVolume({ access: "ReadWriteMany" }), [
      `${setting}.access is ReadWriteMany, it was ReadWriteOnce: the volume would be replaced by an empty one`,
    ]);
    assert.match(String(losses(files, dataOf({ namespace: "store" }, owners({})))), /^slipway:namespace is store/);
  });

  it("keeps the output of a stack without volumes, and reads outputs of both kinds", () => {
    assert.ok(!("volumes" in earlier));
    const stored = (data: unknown) => JSON.parse(JSON.stringify(data));
    assert.deepEqual(parseData(stored(earlier)), stored(earlier));
    assert.deepEqual(parseData(stored({ ...files, inAws: {} })), stored(files));
    assert.equal(parseData({ inAws: { account: "1" } }), undefined);
    assert.equal(dataOf({ namespace: "shop" }, owners({ storage: undefined })), undefined);
  });

  it("names the data, and the setting that protects it, in the refusal", () => {
    const message = (before: StackData) => {
      try {
        refuseDataLoss(before, undefined);
      } catch (error) {
        return (error as Error).message;
      }
      return assert.fail("nothing was refused");
    };
    assert.match(message(files), /its protected data: the volume web-uploads \(10Gi\) in namespace shop\. Nothing was/);
    assert.match(message(files), /--path 'slipway:web\.volumes\["\/app\/uploads"\]\.protect' false && pulumi up/);
    const both = dataOf({ namespace: "shop", database }, owners({})) as StackData;
    assert.match(
      message(both),
      /database app on the claim database-data \(20Gi\), and the volume web-uploads \(10Gi\) in/,
    );
    assert.match(message(both), /--path slipway:database\.protect false/);
  });

  it("reads the version of an image with a digest", () => {
    const pinned = { ...database, image: `postgres:17.2@sha256:${"a".repeat(64)}` };
    assert.equal((dataOf({ namespace: "shop", database: pinned }) as { postgres?: number }).postgres, 17);
  });
});
