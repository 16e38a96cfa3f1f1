import assert from "node:assert/strict";
import { dataRisks } from "../../../commands/review/data-risk.ts";
import { type StepOf, step, text } from "./steps.ts";

const claim = (storage: string) => ({ spec: { resources: { requests: { storage } } } });
const classed = (storageClassName: string) => ({ spec: { storageClassName } });
const named = (name: string, labels?: object) => ({ metadata: { name, labels } });
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
const two = (image: string) => {
  const object = server(image);
  object.spec.template.spec.containers.push({ name: "second", image, env: [], volumeMounts: [] });
  return object;
};
const mountsMore = (image: string) => {
  const object = server(image);
  object.spec.template.spec.containers[0]?.volumeMounts.push({ name: "tmp", mountPath: "/tmp" });
  return object;
};
const stateless = (image: string) => ({ spec: { template: { spec: { containers: [{ name: "a", image }] } } } });
const backup = (keep: string, spec: object = {}) => {
  const containers = [{ name: "b", env: [{ name: "KEEP", value: keep }] }];
  const metadata = { labels: { "app.kubernetes.io/component": "backup" } };
  return { metadata, spec: { ...spec, jobTemplate: { spec: { template: { spec: { containers } } } } } };
};
const dlm = "aws:dlm/lifecyclePolicy:LifecyclePolicy";
const snapshots = (count: number, state = "ENABLED") => ({
  state,
  policyDetails: { schedules: [{ retainRule: { count } }] },
});
const digest = (letter: string) => `@sha256:${letter.repeat(64)}`;
const retain = [true, true] as const;
const lifted = [true, false] as const;
const kubernetes = "pulumi:providers:kubernetes";
const stopsAt17 = "it changes from version 17 to 18 on the same data, which it may not be able to read";
const unlessRetained = "is deleted, and its data with it unless its storage class says Retain";

const sentences: [kind: string, sentence: string, of: StepOf][] = [
  ["PersistentVolumeClaim", `volume it (1Gi) ${unlessRetained}`, { before: claim("1Gi") }],
  [
    "PersistentVolumeClaim",
    "volume it (1Gi) is no longer managed by Pulumi: it is kept as it is",
    { before: claim("1Gi"), retain },
  ],
  [
    "PersistentVolumeClaim",
    "volume it is replaced by an empty one, because of spec.storageClassName: a → b",
    { op: "replace", before: classed("a"), after: classed("b") },
  ],
  [
    "PersistentVolumeClaim",
    "volume it is replaced by an empty one; the old one is kept, no longer managed by Pulumi",
    { op: "replace", before: {}, after: {}, retain },
  ],
  ["PersistentVolumeClaim", "volume it is replaced by an empty one", { op: "replace", before: {}, after: {} }],
  ...[["20Gi", "10Gi"] as const, ["1Gi", "1000Mi"] as const].map(([from, to]): [string, string, StepOf] => [
    "PersistentVolumeClaim",
    `volume it ${from} → ${to}: refused by Kubernetes, a volume can't shrink`,
    { before: claim(from), after: claim(to) },
  ]),
  [
    "PersistentVolumeClaim",
    "volume it is missing: it was deleted outside Pulumi, and a new one would be empty",
    { after: claim("1Gi"), missing: true },
  ],
  ["Namespace", "namespace shop is deleted with everything in it, volumes included", { before: named("shop") }],
  [
    "Namespace",
    "namespace shop is deleted with everything in it, volumes included (its successor is store)",
    { op: "replace", before: named("shop"), after: named("store") },
  ],
  [
    "Namespace",
    "namespace shop is no longer managed by Pulumi: it is kept, with everything in it",
    { before: named("shop"), retain },
  ],
  [
    "Namespace",
    "namespace it is missing: it was deleted outside Pulumi, with everything in it",
    { after: named("shop"), missing: true },
  ],
  ...["CustomResourceDefinition", "VolumeSnapshot", "VolumeSnapshotContent", "PersistentVolume"].map(
    (kind): [string, string, StepOf] => [kind, `${kind} it ${unlessRetained}`, { before: {} }],
  ),
  ["StatefulSet", stopsAt17, { before: server("postgres:17.2"), after: server("postgres:18") }],
  [
    "StatefulSet",
    stopsAt17,
    { before: server(`a/postgres:17${digest("a")}`), after: server(`a/postgres:18${digest("b")}`) },
  ],
  // Two containers of the same image say it once.
  ["StatefulSet", stopsAt17, { before: two("postgres:17"), after: two("postgres:18") }],
  ["Deployment", "it reads other volumes: old → new", { before: server("a:1", "old"), after: server("a:1", "new") }],
  ["StatefulSet", "it reads other volumes: data → ", { before: server("a:1"), after: stateless("a:1") }],
  [
    "StatefulSet",
    "it looks for its data elsewhere: v at /data → v at /x",
    { before: server("a:1"), after: server("a:1", "data", { mountPath: "/x" }) },
  ],
  [
    "StatefulSet",
    "it looks for its data elsewhere: v at /data → v at /data, folder x",
    { before: server("a:1"), after: server("a:1", "data", { subPath: "x" }) },
  ],
  [
    "StatefulSet",
    "it looks for its data elsewhere: v at /data → v at /data; PGDATA=/x",
    { before: server("a:1"), after: server("a:1", "data", {}, [{ name: "PGDATA", value: "/x" }]) },
  ],
  [
    "Deployment",
    "it changes from version 8 to 9 on the same data, which it may not be able to read",
    { before: server("valkey/valkey:8.1"), after: server("valkey/valkey:9.0") },
  ],
  ["CronJob", "it is deleted: no more backups are made", { before: backup("7") }],
  [
    "CronJob",
    "it is suspended: no more backups are made",
    { before: backup("7"), after: backup("7", { suspend: true }) },
  ],
  ["CronJob", "it keeps 7 backups instead of 14: older ones are deleted", { before: backup("14"), after: backup("7") }],
  ["LifecyclePolicy", "it is deleted: it makes no more snapshots", { type: dlm, before: snapshots(14) }],
  [
    "LifecyclePolicy",
    "it is no longer enabled: no more snapshots are made",
    { type: dlm, before: snapshots(14), after: snapshots(14, "DISABLED") },
  ],
  [
    "LifecyclePolicy",
    "it keeps 2 snapshots of each volume instead of 14: older ones are deleted",
    { type: dlm, before: snapshots(14), after: snapshots(2) },
  ],
  [
    "Instance",
    "it is replaced by an empty one, because of a: 1 → 2",
    { type: "aws:rds/instance:Instance", op: "replace", before: { a: 1 }, after: { a: 2 } },
  ],
  ...["context", "cluster", "kubeconfig", "region", "endpoint"].map((field): [string, string, StepOf] => [
    "Provider",
    `Provider it connects to another place: ${field} a → b; what runs there now stays there`,
    { type: kubernetes, before: { [field]: "a" }, after: { [field]: "b" } },
  ]),
  [
    "PersistentVolumeClaim",
    "PersistentVolumeClaim it is no longer protected: a later change may delete it",
    { op: "same", before: {}, after: {}, protect: lifted },
  ],
  [
    "Namespace",
    "Namespace it is no longer kept when its stack deletes it",
    { op: "same", before: {}, after: {}, retain: lifted },
  ],
  [
    // A replacement already says that the old one is kept.
    "Namespace",
    "namespace it is no longer managed by Pulumi: it is kept, with everything in it",
    { op: "replace", before: {}, after: {}, retain: lifted },
  ],
];

const harmless: [what: string, kind: string, of: StepOf][] = [
  ["a volume that grows", "PersistentVolumeClaim", { before: claim("1Gi"), after: claim("2Gi") }],
  ["a new volume", "PersistentVolumeClaim", { after: claim("1Gi") }],
  ["a volume of unknown size", "PersistentVolumeClaim", { before: claim("1Gi"), after: claim("lots") }],
  ["more snapshots", "LifecyclePolicy", { type: dlm, before: snapshots(2), after: snapshots(14) }],
  ["a minor version", "StatefulSet", { before: server("postgres:17"), after: server("postgres:17.9") }],
  ["a major version without data", "Deployment", { before: stateless("a:1"), after: stateless("a:2") }],
  ["a mount of another volume", "StatefulSet", { before: server("a:1"), after: mountsMore("a:1") }],
  ["a first volume", "Deployment", { before: stateless("a:1"), after: server("a:1") }],
  [
    "another digest without a version, on the same data",
    "Deployment",
    { before: server(`a/b@sha256:${"1".repeat(64)}`), after: server(`a/b@sha256:${"2".repeat(64)}`) },
  ],
  ["more backups", "CronJob", { before: backup("7"), after: backup("14") }],
  [
    "another schedule of a suspended backup",
    "CronJob",
    { before: backup("7", { suspend: true }), after: backup("7", { suspend: true, schedule: "@daily" }) },
  ],
  ["a CronJob that is no backup", "CronJob", { before: { spec: {} } }],
  ["another label of a namespace", "Namespace", { before: named("a"), after: named("a", { b: "c" }) }],
  ["a deleted ConfigMap", "ConfigMap", { before: {} }],
  [
    "other settings of a provider",
    "Provider",
    { type: kubernetes, before: { a: 1, clusters: 1 }, after: { a: 2, clusters: 2, subregion: 1 } },
  ],
  ["an attachment of a volume", "Attachment", { type: "aws:ec2/volumeAttachment:VolumeAttachment", before: {} }],
  ["a new protection", "PersistentVolumeClaim", { op: "same", before: {}, after: {}, protect: [false, true] }],
  ["a protection lifted outside Pulumi", "Namespace", { op: "drift", before: {}, after: {}, protect: lifted }],
];

const withData =
  "s3/bucket:Bucket s3/bucketV2:BucketV2 ebs/volume:Volume ebs/snapshot:Snapshot efs/fileSystem:FileSystem kms/key:Key " +
  "ecr/repository:Repository backup/vault:Vault dynamodb/table:Table rds/cluster:Cluster docdb/cluster:Cluster " +
  "neptune/cluster:Cluster elasticache/cluster:Cluster redshift/cluster:Cluster rds/globalCluster:GlobalCluster " +
  "docdb/instance:Instance eks/cluster:Cluster";
const types: [type: string, holdsData: boolean][] = [
  ...withData.split(" ").map((type): [string, boolean] => [`aws:${type}`, true]),
  ["gcp:sql/database:Database", true],
  ["gcp:compute/disk:Disk", true],
  ["docker:index/volume:Volume", false],
  ["aws:ec2/routeTable:RouteTable", false],
  ["aws:ec2/keyPair:KeyPair", false],
  ["aws:ecs/cluster:Cluster", false],
];

describe("Data risks", () => {
  for (const [kind, sentence, of] of sentences)
    it(`say "${sentence}"`, () => {
      assert.deepEqual(dataRisks(step(kind, of)).map(text), [sentence]);
    });

  for (const [what, kind, of] of harmless)
    it(`do not include ${what}`, () => {
      assert.deepEqual(dataRisks(step(kind, of)), []);
    });

  for (const [type, holdsData] of types)
    it(`${holdsData ? "include" : "do not include"} the deletion of ${type}`, () => {
      const risks = dataRisks(step(type.split(":").at(-1) ?? "", { type, before: {} })).map(text);
      assert.deepEqual(risks, holdsData ? ["it is deleted with its data"] : []);
    });
});
