import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dataOf, type StackData } from "../../preflight/data-loss.ts";
import { refuseImpossibleGrowth } from "../../preflight/volume-growth.ts";
import { ApiServer } from "../api-server.ts";

const database = { image: "postgres:17", name: "app", storage: "20Gi", protect: true, backups: { storage: "40Gi" } };
const data = (changed: object = {}): StackData =>
  dataOf({ namespace: "shop", database: { ...database, ...changed } }) as StackData;

describe("refuseImpossibleGrowth", () => {
  const api = new ApiServer();
  let folder: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "slipway-growth-"));
    await api.start();
    api.writeKubeconfig(join(folder, "kubeconfig"));
  });
  beforeEach(() => {
    api.asked = [];
  });
  after(() => {
    api.stop();
    rmSync(folder, { recursive: true });
  });

  const grow = (before: StackData | undefined, after: StackData | undefined) =>
    refuseImpossibleGrowth(
      { context: "near", kubeconfig: join(folder, "kubeconfig"), dns: [], eks: undefined },
      before,
      after,
    );
  const claims = "/api/v1/namespaces/shop/persistentvolumeclaims";
  const withClass = (provisioner: string, allowVolumeExpansion?: boolean) => {
    const claim = { spec: { storageClassName: "disk" } };
    api.objects = {
      [`${claims}/database-data`]: claim,
      [`${claims}/database-backups`]: claim,
      "/apis/storage.k8s.io/v1/storageclasses/disk": { provisioner, allowVolumeExpansion },
    };
  };

  it("accepts growth if the storage class allows it", async () => {
    withClass("ebs.csi.eks.amazonaws.com", true);
    await grow(data(), data({ storage: "30Gi" }));
    assert.equal(api.asked.length, 2);
  });

  it("refuses growth that the storage class does not allow, with the setting, the claim and the class", async () => {
    withClass("ebs.csi.eks.amazonaws.com");
    await assert.rejects(
      grow(data(), data({ storage: "30Gi", backups: { storage: "50Gi" } })),
      /^Error: a volume can't grow; nothing was changed\.\n {2}- slipway:database\.storage is 30Gi, it was 20Gi: claim database-data can't grow, its storage class disk does not allow it.*\n {2}- slipway:database\.backups\.storage is 50Gi, it was 40Gi: claim database-backups/,
    );
  });

  it("refuses the growth of an application's volume in the same way", async () => {
    withClass("ebs.csi.eks.amazonaws.com");
    api.objects[`${claims}/web-uploads`] = { spec: { storageClassName: "disk" } };
    const files = (storage: string) =>
      dataOf({ namespace: "shop" }, { web: { volumes: { "/app/uploads": { storage } } } }) as StackData;
    await assert.rejects(
      grow(files("1Gi"), files("2Gi")),
      /slipway:web\.volumes\["\/app\/uploads"\]\.storage is 2Gi, it was 1Gi: claim web-uploads can't grow, its storage class disk/,
    );
  });

  it("refuses growth that the provisioner never does, whatever its class allows", async () => {
    withClass("rancher.io/local-path", true);
    await assert.rejects(
      grow(data(), data({ storage: "30Gi" })),
      /class disk never does it \(provisioner rancher\.io\/local-path\)/,
    );
  });

  it("leaves the decision to the API server if the class may not be read", async () => {
    withClass("rancher.io/local-path");
    api.objects["/apis/storage.k8s.io/v1/storageclasses/disk"] = 403;
    await grow(data(), data({ storage: "30Gi" }));
  });

  it("asks nothing if no claim grows, and accepts a claim that does not exist", async () => {
    await grow(data(), data());
    await grow(data(), data({ storage: "21474836480" }));
    await grow(undefined, data());
    await grow(data(), undefined);
    assert.deepEqual(api.asked, []);
    api.objects = {};
    await grow(data(), data({ storage: "30Gi" }));
  });
});
