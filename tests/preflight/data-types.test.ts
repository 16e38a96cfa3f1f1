import assert from "node:assert/strict";
import { holdsData } from "../../preflight/data-types.ts";

describe("holdsData", () => {
  for (const type of [
    "kubernetes:core/v1:PersistentVolumeClaim",
    "kubernetes:snapshot.storage.k8s.io/v1beta1:VolumeSnapshot",
    "aws:ebs/volume:Volume",
    "aws:eks/cluster:Cluster",
    "aws:kms/key:Key",
    "gcp:storage/bucket:Bucket",
  ])
    it(`includes ${type}`, () => assert.ok(holdsData(type)));

  for (const type of ["kubernetes:core/v1:ConfigMap", "aws:ec2/routeTable:RouteTable", "docker-build:index:Image"])
    it(`does not include ${type}`, () => assert.ok(!holdsData(type)));
});
