import assert from "node:assert/strict";
import { dataRisks } from "../../../commands/review/data-risk.ts";
import { type StepOf, step, text } from "./steps.ts";

const claim = (storage: string) => ({ spec: { resources: { requests: { storage } } } });
const server = (image: string, claimName = "data", mount: object = {}, env: object[] = []) => ({
  spec: {
    replicas: 1,
    template: {
      spec: {
        containers: [{ name: "postgres", image, env, volumeMounts: [{ name: "v", mountPath: "/data", ...mount }] }],
        volumes: [{ name: "v", persistentVolumeClaim: { claimName } }],
      },
    },
  },
});
const backup = (keep: string, spec: object = {}) => ({
  metadata: { labels: { "app.kubernetes.io/component": "backup" } },
  spec: {
    ...spec,
    jobTemplate: {
      spec: { template: { spec: { containers: [{ name: "b", env: [{ name: "KEEP", value: keep }] }] } } },
    },
  },
});

const dlm = "aws:dlm/lifecyclePolicy:LifecyclePolicy";
const snapshots = (count: number, state = "ENABLED") => ({
  state,
  policyDetails: { schedules: [{ retainRule: { count } }] },
});

const told: [string, string, StepOf, RegExp][] = [
  [
    "a deleted volume",
    "PersistentVolumeClaim",
    { before: claim("1Gi") },
    /^volume it \(1Gi\) is deleted, and its data with it unless its storage class says Retain$/,
  ],
  [
    "a volume let go of",
    "PersistentVolumeClaim",
    { before: claim("1Gi"), retain: true },
    /^volume it \(1Gi\) is let go of: it stays/,
  ],
  [
    "a replaced volume",
    "PersistentVolumeClaim",
    { op: "replace", before: { spec: { storageClassName: "a" } }, after: { spec: { storageClassName: "b" } } },
    /^volume it is replaced by an empty one, because of spec\.storageClassName: a → b$/,
  ],
  [
    "a replaced volume that stays",
    "PersistentVolumeClaim",
    { op: "replace", before: claim("1Gi"), after: claim("2Gi"), retain: true },
    /replaced by an empty one.*; the earlier one stays where it is/,
  ],
  [
    "a shrunk volume",
    "PersistentVolumeClaim",
    { before: claim("20Gi"), after: claim("10Gi") },
    /^volume it 20Gi → 10Gi: refused by Kubernetes/,
  ],
  [
    "a shrunk volume in other units",
    "PersistentVolumeClaim",
    { before: claim("1Gi"), after: claim("1000Mi") },
    /refused by Kubernetes/,
  ],
  [
    "a missing volume",
    "PersistentVolumeClaim",
    { op: "create", after: claim("1Gi"), missing: true },
    /is missing: .*would be empty/,
  ],
  [
    "a deleted namespace",
    "Namespace",
    { before: { metadata: { name: "shop" } } },
    /^namespace shop is deleted with everything in it, volumes included$/,
  ],
  [
    "a renamed namespace",
    "Namespace",
    { op: "replace", before: { metadata: { name: "shop" } }, after: { metadata: { name: "store" } } },
    /^namespace shop is deleted with everything in it, volumes included \(its successor is store\)$/,
  ],
  ["a namespace let go of", "Namespace", { before: { metadata: { name: "shop" } }, retain: true }, /shop is let go of/],
  [
    "a missing namespace",
    "Namespace",
    { op: "create", after: { metadata: { name: "shop" } }, missing: true },
    /is missing/,
  ],
  ["deleted kinds of objects", "CustomResourceDefinition", { before: {} }, /^CustomResourceDefinition it is deleted/],
  ["a deleted snapshot", "VolumeSnapshot", { before: {} }, /^VolumeSnapshot it is deleted/],
  ["a snapshot's deleted content", "VolumeSnapshotContent", { before: {} }, /^VolumeSnapshotContent it is deleted/],
  ["a deleted volume of the cluster", "PersistentVolume", { before: {} }, /^PersistentVolume it is deleted/],
  [
    "a volume that is replaced for no field that is known",
    "PersistentVolumeClaim",
    { op: "replace", before: {}, after: {} },
    /^volume it is replaced by an empty one$/,
  ],
  [
    "another major version",
    "StatefulSet",
    { before: server("postgres:17.2"), after: server("postgres:18") },
    /^it goes from version 17 to 18 on the same data/,
  ],
  [
    "another major version by digest",
    "StatefulSet",
    {
      before: server(`a/postgres:17@sha256:${"a".repeat(64)}`),
      after: server(`a/postgres:18@sha256:${"b".repeat(64)}`),
    },
    /from version 17 to 18/,
  ],
  [
    "another claim",
    "Deployment",
    { before: server("a:1", "old"), after: server("a:1", "new") },
    /^it reads other volumes: old → new$/,
  ],
  [
    "no claim any more",
    "StatefulSet",
    { before: server("a:1"), after: { spec: { template: { spec: { containers: [] } } } } },
    /^it reads other volumes: data → $/,
  ],
  [
    "another mount point",
    "StatefulSet",
    { before: server("a:1"), after: server("a:1", "data", { mountPath: "/x" }) },
    /^it looks for its data elsewhere: v at \/data → v at \/x$/,
  ],
  [
    "another folder of the volume",
    "StatefulSet",
    { before: server("a:1"), after: server("a:1", "data", { subPath: "x" }) },
    /elsewhere: v at \/data → v at \/data, folder x$/,
  ],
  [
    "another folder of PostgreSQL's",
    "StatefulSet",
    { before: server("a:1"), after: server("a:1", "data", {}, [{ name: "PGDATA", value: "/x" }]) },
    /elsewhere: v at \/data → v at \/data; PGDATA=\/x$/,
  ],
  ["no more backups", "CronJob", { before: backup("7") }, /no more backups are made/],
  [
    "suspended backups",
    "CronJob",
    { before: backup("7"), after: backup("7", { suspend: true }) },
    /is suspended: no more backups/,
  ],
  [
    "fewer backups",
    "CronJob",
    { before: backup("14"), after: backup("7") },
    /^it keeps 7 backups instead of 14: older ones are deleted$/,
  ],
  [
    "no more snapshots",
    "LifecyclePolicy",
    { type: dlm, before: snapshots(14) },
    /^it goes: no more snapshots are made by it$/,
  ],
  [
    "snapshots that are switched off",
    "LifecyclePolicy",
    { type: dlm, before: snapshots(14), after: snapshots(14, "DISABLED") },
    /^it is no longer enabled: no more snapshots are made$/,
  ],
  [
    "fewer snapshots",
    "LifecyclePolicy",
    { type: dlm, before: snapshots(14), after: snapshots(2) },
    /^it keeps 2 snapshots of each volume instead of 14: older ones are deleted$/,
  ],
  ["a bucket", "Bucket", { type: "aws:s3/bucket:Bucket", before: {} }, /^it is deleted with its data$/],
  [
    "a database of the cloud",
    "Instance",
    { type: "aws:rds/instance:Instance", op: "replace", before: { a: 1 }, after: { a: 2 } },
    /^it is replaced by an empty one, because of a: 1 → 2$/,
  ],
  [
    "a cluster of the cloud",
    "Cluster",
    { type: "aws:eks/cluster:Cluster", before: {} },
    /^it is deleted with its data$/,
  ],
  [
    "another cluster",
    "Provider",
    { type: "pulumi:providers:kubernetes", before: { context: "a" }, after: { context: "b" } },
    /^Provider it speaks to another place: context a → b; what runs there now stays there$/,
  ],
  [
    "a protection that goes",
    "PersistentVolumeClaim",
    { op: "same", before: {}, after: {}, protect: [true, false] },
    /^PersistentVolumeClaim it is no longer protected/,
  ],
];

const silent: [string, string, StepOf][] = [
  ["a volume that grows", "PersistentVolumeClaim", { before: claim("1Gi"), after: claim("2Gi") }],
  ["more snapshots", "LifecyclePolicy", { type: dlm, before: snapshots(2), after: snapshots(14) }],
  ["a new volume", "PersistentVolumeClaim", { after: claim("1Gi") }],
  ["a volume of no known size", "PersistentVolumeClaim", { before: claim("1Gi"), after: claim("lots") }],
  ["a minor version", "StatefulSet", { before: server("postgres:17"), after: server("postgres:17.9") }],
  [
    "another version without data",
    "Deployment",
    {
      before: { spec: { template: { spec: { containers: [{ name: "a", image: "a:1" }] } } } },
      after: { spec: { template: { spec: { containers: [{ name: "a", image: "a:2" }] } } } },
    },
  ],
  [
    "another mount than the claim's",
    "StatefulSet",
    {
      before: server("a:1"),
      after: (() => {
        const after = server("a:1");
        after.spec.template.spec.containers[0]?.volumeMounts.push({ name: "tmp", mountPath: "/tmp" });
        return after;
      })(),
    },
  ],
  ["more backups", "CronJob", { before: backup("7"), after: backup("14") }],
  [
    "a backup's other setting",
    "CronJob",
    { before: backup("7", { suspend: true }), after: backup("7", { suspend: true, schedule: "@daily" }) },
  ],
  ["a CronJob that is no backup", "CronJob", { before: { spec: {} } }],
  [
    "a namespace's label",
    "Namespace",
    { before: { metadata: { name: "a" } }, after: { metadata: { name: "a", labels: { b: "c" } } } },
  ],
  ["a deleted ConfigMap", "ConfigMap", { before: {} }],
  [
    "a provider's other settings",
    "Provider",
    { type: "pulumi:providers:kubernetes", before: { a: 1, clusters: 1 }, after: { a: 2, clusters: 2, subregion: 1 } },
  ],
  ["a route table, an image, an attachment", "RouteTable", { type: "aws:ec2/routeTable:RouteTable", before: {} }],
  ["a volume's attachment", "VolumeAttachment", { type: "aws:ec2/volumeAttachment:VolumeAttachment", before: {} }],
  ["a protection that comes", "PersistentVolumeClaim", { op: "same", before: {}, after: {}, protect: [false, true] }],
];

/** What holds data in a cloud, and what only sounds like it. */
const types: [string, boolean][] = [
  ...[
    ...[
      "s3/bucketV2:BucketV2",
      "ebs/volume:Volume",
      "ebs/snapshot:Snapshot",
      "efs/fileSystem:FileSystem",
      "kms/key:Key",
    ],
    ...["ecr/repository:Repository", "backup/vault:Vault", "dynamodb/table:Table", "rds/cluster:Cluster"],
    ...["docdb/cluster:Cluster", "neptune/cluster:Cluster", "elasticache/cluster:Cluster", "redshift/cluster:Cluster"],
    ...["rds/globalCluster:GlobalCluster", "docdb/instance:Instance", "eks/cluster:Cluster"],
  ].map((type): [string, boolean] => [`aws:${type}`, true]),
  ...["gcp:sql/database:Database", "gcp:compute/disk:Disk"].map((type): [string, boolean] => [type, true]),
  ...[
    "docker:index/volume:Volume",
    "aws:ec2/routeTable:RouteTable",
    "aws:ec2/keyPair:KeyPair",
    "aws:ecs/cluster:Cluster",
  ].map((type): [string, boolean] => [type, false]),
];

describe("Data at risk", () => {
  for (const field of ["context", "cluster", "kubeconfig", "region", "endpoint"])
    it(`is left behind by a provider with another ${field}`, () => {
      const type = "pulumi:providers:any";
      const [found = ""] = dataRisks(step("Provider", { type, before: { [field]: "a" }, after: { [field]: "b" } })).map(
        text,
      );
      assert.match(found, /^Provider it speaks to another place: \w+ a → b; what runs there now stays there$/);
    });

  it("is not lifted by somebody outside Pulumi, who can't", () => {
    assert.deepEqual(dataRisks(step("Namespace", { op: "drift", before: {}, after: {}, protect: [true, false] })), []);
  });

  for (const [type, holds] of types)
    it(`is ${holds ? "" : "not "}seen where ${type} is deleted`, () => {
      const found = dataRisks(step(type.split(":").at(-1) ?? "", { type, before: {} })).map(text);
      assert.deepEqual(found, holds ? ["it is deleted with its data"] : []);
    });

  for (const [what, kind, of, expected] of told)
    it(`is told of: ${what}`, () => {
      const found = dataRisks(step(kind, of)).map(text);
      assert.equal(found.length, 1, JSON.stringify(found));
      assert.match(found[0] ?? "", expected);
    });

  for (const [what, kind, of] of silent)
    it(`is not seen in ${what}`, () => {
      assert.deepEqual(dataRisks(step(kind, of)).map(text), []);
    });

  it("is told of where it would no longer be kept when its stack lets go of it", () => {
    const lifted = (op: "same" | "replace") => {
      const one = step("Namespace", { op, before: {}, after: {}, retain: true });
      return { ...one, after: one.after && { ...one.after, retainOnDelete: false } };
    };
    assert.deepEqual(dataRisks(lifted("same")).map(text), [
      "Namespace it is no longer kept when its stack lets go of it",
    ]);
    // What is replaced tells already that the earlier one stays.
    assert.deepEqual(dataRisks(lifted("replace")).map(text), [
      "namespace it is let go of: it stays where it is, with everything in it",
    ]);
  });

  it("is told of once where several containers say the same", () => {
    const two = (image: string) => {
      const object = server(image);
      object.spec.template.spec.containers.push({ name: "beside", image, env: [], volumeMounts: [] });
      return object;
    };
    assert.equal(dataRisks(step("StatefulSet", { before: two("a:1"), after: two("a:2") })).length, 1);
  });
});
