import assert from "node:assert/strict";
import { say, unknown } from "../../../commands/cli/sentence.ts";
import { restarts, scaled } from "../../../commands/review/restarts.ts";
import { summary } from "../../../commands/review/summary.ts";
import { type StepOf, step, text } from "./steps.ts";

/** The `spec` of a workload, with the probes and the grace period of its pod. */
type Workload = { readonly probes?: object; readonly grace?: number; readonly [field: string]: unknown };

const startup = { startupProbe: { periodSeconds: 1, failureThreshold: 60 } };

/** Returns a step that changes the image of a workload. */
const rollout = ({ probes = startup, grace, ...spec }: Workload): StepOf => {
  const of = (image: string) => ({
    spec: {
      ...spec,
      template: { spec: { terminationGracePeriodSeconds: grace, containers: [{ name: "a", image, ...probes }] } },
    },
  });
  return { before: of("a:1"), after: of("a:2") };
};

const restart = (kind: string, of: StepOf) => text(restarts(step(kind, of), () => say`: what changes`));
const rolling = (maxUnavailable?: unknown, maxSurge?: unknown) => ({
  strategy: { rollingUpdate: { maxUnavailable, maxSurge } },
});
const recreate = { strategy: { type: "Recreate" } };
const noProbe = "until the new ones have started; no probe says how long that may take";
const nodesMove = "its nodes are replaced one by one, and every pod on them moves, the database's too";

const rollouts: [kind: string, workload: Workload, sentence: string][] = [
  ["Deployment", { replicas: 2, ...rolling(0, 1) }, "its 2 pods are replaced one by one; 2 of 2 serve throughout"],
  ["Deployment", { replicas: 1 }, "its one pod is replaced once its successor serves"],
  ["Deployment", rolling("0%", 1), "its pods are replaced one by one; as many as now serve throughout"],
  ["Deployment", {}, "its pods are replaced, some at a time missing for up to 90 s each time"],
  ["Deployment", { replicas: 4 }, "its 4 pods are replaced; 3 of 4 serve for up to 6 min"],
  ["Deployment", { replicas: 4, ...rolling(0) }, "its 4 pods are replaced one by one; 4 of 4 serve throughout"],
  ["Deployment", { replicas: 4, ...rolling("50%", 0) }, "its 4 pods are replaced; 2 of 4 serve for up to 3 min"],
  ["Deployment", { replicas: 2, ...rolling(0, 0) }, "its 2 pods are replaced; 1 of 2 serve for up to 3 min"],
  ["Deployment", { replicas: 2, ...rolling(5, 0) }, "its 2 pods are replaced, with none serving for up to 90 s"],
  [
    "Deployment",
    { replicas: 2, ...recreate, grace: 35 },
    "its 2 pods stop before the first new one starts; none serves for up to 95 s",
  ],
  [
    "Deployment",
    { replicas: 1, ...recreate },
    "its one pod stops before the first new one starts; none serves for up to 90 s",
  ],
  ["StatefulSet", { replicas: 1, grace: 60 }, "its one pod is replaced, with none serving for up to 2 min"],
  ["StatefulSet", {}, "its one pod is replaced, with none serving for up to 90 s"],
  ["StatefulSet", { replicas: 3 }, "its 3 pods are replaced; 2 of 3 serve for up to 4 min 30 s"],
  ["StatefulSet", { updateStrategy: { type: "OnDelete" } }, "a pod is replaced when somebody deletes it"],
  ["DaemonSet", {}, "its pods are replaced, 1 at a time missing for up to 90 s each time"],
  ["StatefulSet", { probes: {} }, `its one pod is replaced, with none serving ${noProbe}`],
  [
    "StatefulSet",
    { probes: { livenessProbe: { initialDelaySeconds: 10 } } },
    "its one pod is replaced, with none serving for up to 70 s",
  ],
];

const replicas = (number?: number) => ({ spec: { replicas: number } });
const cluster = (version: string, more: object = {}) => ({ version, ...more });
const eks = "aws:eks/cluster:Cluster";
const tagged = (owner: string) => ({ spec: { tags: { Owner: owner } } });
const pool = (weight: number, type: string) => ({ spec: { weight, template: { spec: { requirements: [type] } } } });
const job = (...commands: string[][]) => ({
  spec: { template: { spec: { containers: [...commands.map((command) => ({ command })), { image: "x" }] } } },
});
const scaledTo = (number?: number) => ({ spec: { replicas: number, template: { spec: { containers: [] } } } });

const sentences: [kind: string, of: StepOf, sentence: string | undefined][] = [
  ["Deployment", { before: replicas(2) }, "Deployment it is deleted: its 2 pods stop, and nothing replaces them"],
  ["Deployment", { before: replicas(1) }, "Deployment it is deleted: its one pod stops, and nothing replaces them"],
  [
    "Deployment",
    { op: "replace", before: replicas(2), after: replicas(2), deleteFirst: true },
    `Deployment it: what changes; it is deleted, then created again: none of its 2 pods serves ${noProbe}`,
  ],
  [
    "Deployment",
    { op: "replace", before: replicas(2), after: replicas(2) },
    "Deployment it: what changes; it is replaced; the old one stops once the new one serves",
  ],
  [
    "Deployment",
    { before: replicas(2), after: replicas(0) },
    "Deployment it is stopped: none of its 2 pods serves from then on",
  ],
  [
    "StatefulSet",
    { before: replicas(1), after: replicas(0) },
    "StatefulSet it is stopped: its one pod does not serve from then on",
  ],
  [
    "Deployment",
    { op: "drift", before: replicas(2), missing: true },
    "Deployment it is missing: none of its 2 pods serves",
  ],
  ["Deployment", { after: replicas(2), missing: true }, "Deployment it is missing, and is created again"],
  [
    "Deployment",
    { before: scaledTo(3), after: scaledTo() },
    "Deployment it: replicas 3 → none; one of its 3 pods serves until an autoscaler adds more",
  ],
  ["Deployment", { before: scaledTo(1), after: scaledTo() }, undefined],
  ["Deployment", { before: scaledTo(), after: scaledTo() }, undefined],
  ["Deployment", rollout({ replicas: 0 }), undefined],
  [
    "Pod",
    { before: { spec: { a: 1 } }, after: { spec: { a: 2 } } },
    `Pod it: what changes; it stops and starts again, and does not serve ${noProbe}`,
  ],
  ["ConfigMap", { before: { spec: { template: 1 } }, after: { spec: { template: 2 } } }, undefined],
  ["Deployment", { before: { metadata: { a: 1 } }, after: { metadata: { a: 2 } } }, undefined],
  ["Deployment", { after: { spec: {} } }, undefined],
  ["Deployment", { type: "other:x:Deployment", before: {} }, undefined],
  ["Cluster", { type: eks, before: cluster("1.33"), after: cluster("1.34") }, `Cluster it: what changes; ${nodesMove}`],
  [
    "Cluster",
    { type: eks, before: cluster("1", { computeConfig: 1 }), after: cluster("1", { computeConfig: 2 }) },
    `Cluster it: what changes; ${nodesMove}`,
  ],
  ["Cluster", { type: eks, before: cluster("1"), after: cluster("1", { tags: { a: "b" } }) }, undefined],
  ["Cluster", { type: eks, after: cluster("1.34") }, undefined],
  ["NodeClass", { before: tagged("a"), after: tagged("b") }, `NodeClass it: what changes; ${nodesMove}`],
  ["NodeClass", { before: tagged("a"), after: { metadata: {}, ...tagged("a") } }, undefined],
  ["NodePool", { before: pool(1, "a"), after: pool(1, "b") }, `NodePool it: what changes; ${nodesMove}`],
  ["NodePool", { before: pool(1, "a"), after: pool(2, "a") }, undefined],
  ["NodePool", { after: pool(1, "a") }, undefined],
  ["NodePool", { before: pool(1, "a") }, `NodePool it: what changes; ${nodesMove}`],
  ["Job", { after: job(["alembic", "upgrade"]) }, "Job it runs: alembic upgrade"],
  ["Job", { op: "replace", before: job(["a"]), after: job(["a"], ["b", "c"]) }, "Job it runs: a, b c"],
  ["Job", { after: { spec: {} } }, "Job it runs"],
  ["Job", { type: "other:x:Job", after: job(["a"]) }, undefined],
  ["Job", { before: job(["a"]), after: job(["a"]) }, undefined],
  ["Job", { before: job(["a"]) }, undefined],
  ["Job", { after: job(["a"]), missing: true }, undefined],
];

describe("Restarts", () => {
  for (const [kind, workload, sentence] of rollouts)
    it(`say "${sentence}" for a ${kind} with ${JSON.stringify(workload)}`, () => {
      assert.equal(restart(kind, rollout(workload)), `${kind} it: what changes; ${sentence}`);
    });

  for (const [kind, of, sentence] of sentences)
    it(`say ${JSON.stringify(sentence) ?? "nothing"} for a ${kind} with ${JSON.stringify(of)}`, () => {
      assert.equal(restart(kind, of), sentence);
    });

  it("include those for a secret value, which looks the same before and after", () => {
    const container = { name: "a", env: [{ name: "A_KEY", value: "[secret]" }], ...startup };
    const of = (replicas: number) => ({ spec: { replicas, template: { spec: { containers: [container] } } } });
    const changedPaths = ["spec.template.spec.containers[0].env[0].value"];
    for (const after of [2, 3]) {
      const changed = step("Deployment", { before: of(2), after: of(after), changedPaths });
      assert.match(
        text(restarts(changed, summary)) ?? "",
        /env A_KEY \[secret\] → another \[secret\]; its \d pods are replaced/,
      );
      assert.equal(scaled(changed), undefined);
    }
  });
});

describe("Restarts that depend on a value known after the update", () => {
  const of = (container: object, annotations: object = {}) => ({
    metadata: { annotations },
    spec: { replicas: 1, template: { spec: { containers: [{ name: "a", ...container }] } } },
  });
  const env = (...values: string[]) => ({ env: values.map((value, index) => ({ name: `V${index}`, value })) });

  it("say that pods restart only if it differs", () => {
    const unsure = { before: of(env("x")), after: of(env(unknown), { note: "new" }) };
    assert.match(restart("Deployment", unsure) ?? "", /what changes; if that differs, its one pod is replaced/);
    const job = { op: "replace", before: of(env("x", "y")), after: of(env(unknown, unknown)) } as const;
    assert.equal(restart("Job", job), "Job it runs, if env V0, env V1 differs once it is known");
  });

  for (const [why, before, after] of [
    ["another value changes", env("x", "y"), env(unknown, "z")],
    ["it is an image to be built", { image: "a" }, { image: unknown }],
    ["an image to be built changes too", { image: "a", ...env("x") }, { image: unknown, ...env(unknown) }],
  ] as const)
    it(`are certain if ${why}`, () => {
      const sentence = restart("Deployment", { before: of(before), after: of(after) });
      assert.match(sentence ?? "", /^Deployment it: what changes; its one pod is replaced/);
    });
});

describe("Scaling", () => {
  const of = (replicas: unknown, template = 1) => ({ spec: { replicas, template } });
  const scaling = (before: object, after: object, kind = "Deployment") =>
    text(scaled(step(kind, { before: { ...before }, after: { ...after } })));

  it("restarts no pod, and says how many stop", () => {
    assert.equal(scaling(of(2), of(4)), "Deployment it: replicas 2 → 4; no pod restarts");
    assert.equal(scaling(of(4), of(3)), "Deployment it: replicas 4 → 3; 1 pod stops");
    assert.equal(scaling(of(4), of(2), "StatefulSet"), "StatefulSet it: replicas 4 → 2; 2 pods stop");
    assert.equal(scaling(of(1), of(undefined)), "Deployment it: replicas 1 → none; no pod restarts");
  });

  it("does not include other changes, or other kinds", () => {
    assert.equal(scaling(of(2), of(2)), undefined);
    assert.equal(scaling(of(2), of(3, 2)), undefined);
    assert.equal(scaling(of(2), of(3), "ReplicaSet"), undefined);
  });
});
