import assert from "node:assert/strict";
import { say, unknown } from "../../../commands/cli/sentence.ts";
import { summary } from "../../../commands/review/changes.ts";
import { restarts, scaled } from "../../../commands/review/restarts.ts";
import { type StepOf, step, text } from "./steps.ts";

interface Workload {
  readonly replicas?: number;
  readonly strategy?: object;
  readonly updateStrategy?: object;
  readonly probes?: object;
  readonly grace?: number;
}

const startup = { startupProbe: { periodSeconds: 1, failureThreshold: 60 } };

/** A workload before and after another image. */
const rollout = ({ probes = startup, grace, ...spec }: Workload): StepOf => {
  const of = (image: string) => ({
    spec: {
      ...spec,
      template: { spec: { terminationGracePeriodSeconds: grace, containers: [{ name: "a", image, ...probes }] } },
    },
  });
  return { before: of("a:1"), after: of("a:2") };
};

const told = (kind: string, of: StepOf) => text(restarts(step(kind, of), () => say`: what changes`));
const rolling = (maxUnavailable: unknown, maxSurge: unknown) => ({
  strategy: { rollingUpdate: { maxUnavailable, maxSurge } },
});

const cases: [string, string, StepOf, string][] = [
  [
    "none missing",
    "Deployment",
    rollout({ replicas: 2, ...rolling(0, 1) }),
    "its 2 pods are replaced one by one; 2 of 2 serve throughout",
  ],
  [
    "its only pod, with a second beside it",
    "Deployment",
    rollout({ replicas: 1 }),
    "its one pod is replaced once its successor serves",
  ],
  [
    "none missing, of as many as an autoscaler says",
    "Deployment",
    rollout(rolling("0%", 1)),
    "its pods are replaced one by one; as many as now serve throughout",
  ],
  [
    "a share of an unknown number missing",
    "Deployment",
    rollout({}),
    "its pods are replaced, some at a time missing for up to 90 s each time",
  ],
  [
    "Kubernetes' own share missing",
    "Deployment",
    rollout({ replicas: 4 }),
    "its 4 pods are replaced; 3 of 4 serve for up to 6 min",
  ],
  [
    "none missing, with Kubernetes' own share beside them",
    "Deployment",
    rollout({ replicas: 4, strategy: { rollingUpdate: { maxUnavailable: 0 } } }),
    "its 4 pods are replaced one by one; 4 of 4 serve throughout",
  ],
  [
    "half of them missing",
    "Deployment",
    rollout({ replicas: 4, ...rolling("50%", 0) }),
    "its 4 pods are replaced; 2 of 4 serve for up to 3 min",
  ],
  [
    "one missing where nothing else is allowed",
    "Deployment",
    rollout({ replicas: 2, ...rolling(0, 0) }),
    "its 2 pods are replaced; 1 of 2 serve for up to 3 min",
  ],
  [
    "all missing at once",
    "Deployment",
    rollout({ replicas: 2, ...rolling(5, 0) }),
    "its 2 pods are replaced, with none serving for up to 90 s",
  ],
  [
    "all missing by strategy",
    "Deployment",
    rollout({ replicas: 2, strategy: { type: "Recreate" }, grace: 35 }),
    "its 2 pods stop before the first new one starts; none serves for up to 95 s",
  ],
  [
    "a database's only pod missing",
    "StatefulSet",
    rollout({ replicas: 1, grace: 60 }),
    "its one pod is replaced, with none serving for up to 2 min",
  ],
  [
    "one of three missing",
    "StatefulSet",
    rollout({ replicas: 3 }),
    "its 3 pods are replaced; 2 of 3 serve for up to 4 min 30 s",
  ],
  [
    "none until somebody deletes it",
    "StatefulSet",
    rollout({ replicas: 1, updateStrategy: { type: "OnDelete" } }),
    "a pod is exchanged when somebody deletes it",
  ],
  ["one on each node", "DaemonSet", rollout({}), "its pods are replaced, 1 at a time missing for up to 90 s each time"],
  [
    "nobody knows how long",
    "StatefulSet",
    rollout({ replicas: 1, probes: {} }),
    "its one pod is replaced, with none serving until the new ones have started; no probe says how long that may take",
  ],
  [
    "as long as the liveness probe lets it",
    "StatefulSet",
    rollout({ replicas: 1, probes: { livenessProbe: { initialDelaySeconds: 10 } } }),
    "its one pod is replaced, with none serving for up to 70 s",
  ],
];

describe("Pods that restart", () => {
  for (const [what, kind, of, expected] of cases)
    it(`are told of with the strength that is left: ${what}`, () => {
      assert.equal(told(kind, of), `${kind} it: what changes; ${expected}`);
    });

  it("are told of where their workload goes, is replaced, or is stopped", () => {
    const [before, after] = [{ spec: { replicas: 2 } }, { spec: { replicas: 0 } }];
    assert.equal(told("Deployment", { before }), "Deployment it goes: its 2 pods stop, and nothing takes over");
    assert.equal(
      told("Deployment", { op: "replace", before, after: before, deleteFirst: true }),
      "Deployment it: what changes; it is deleted, then made anew: none of its 2 pods serves until the new ones have started; no probe says how long that may take",
    );
    assert.equal(
      told("Deployment", { op: "replace", before, after: before }),
      "Deployment it: what changes; it is made anew beside the old one, which stops once the new one serves",
    );
    assert.equal(
      told("Deployment", { before, after }),
      "Deployment it is stopped: none of its 2 pods serves from then on",
    );
  });

  it("are told of where they are missing", () => {
    const found = { spec: { replicas: 2 } };
    assert.equal(
      told("Deployment", { op: "drift", before: found, missing: true }),
      "Deployment it is missing: none of its 2 pods serves",
    );
    assert.equal(told("Deployment", { after: found, missing: true }), "Deployment it is missing, and is made again");
  });

  it("are told of in the singular where there is but one", () => {
    const before = { spec: { replicas: 1 } };
    assert.equal(told("Deployment", { before }), "Deployment it goes: its one pod stops, and nothing takes over");
    assert.equal(
      told("StatefulSet", { before, after: { spec: { replicas: 0 } } }),
      "StatefulSet it is stopped: its one pod does not serve from then on",
    );
    assert.match(
      told("Deployment", rollout({ replicas: 1, strategy: { type: "Recreate" } })) ?? "",
      /; its one pod stops before the first new one starts; /,
    );
    assert.match(
      told("StatefulSet", rollout({})) ?? "",
      /; its one pod is replaced, with none serving for up to 90 s$/,
    );
  });

  it("are those of a workload whose number is left out: all but one of them stop", () => {
    const of = (replicas?: number) => ({ spec: { replicas, template: { spec: { containers: [] } } } });
    assert.equal(
      told("Deployment", { before: of(3), after: of() }),
      "Deployment it: replicas 3 → none; one of its 3 pods serves on until an autoscaler has decided on more",
    );
    assert.equal(told("Deployment", { before: of(1), after: of() }), undefined);
    assert.equal(told("Deployment", { before: of(), after: of() }), undefined);
  });

  it("are none of a workload that is stopped already", () => {
    assert.equal(told("Deployment", rollout({ replicas: 0 })), undefined);
  });

  it("are those of a pod by itself, and of none by another kind or another annotation", () => {
    assert.match(
      told("Pod", { before: { spec: { a: 1 } }, after: { spec: { a: 2 } } }) ?? "",
      /it stops and starts again, and does not serve until/,
    );
    assert.equal(told("ConfigMap", { before: { spec: { template: 1 } }, after: { spec: { template: 2 } } }), undefined);
    assert.equal(told("Deployment", { before: { metadata: { a: 1 } }, after: { metadata: { a: 2 } } }), undefined);
    assert.equal(told("Deployment", { after: { spec: {} } }), undefined);
    assert.equal(told("Deployment", { type: "other:x:Deployment", before: {} }), undefined);
  });

  it("are told of where what changes in them is hidden, and looks the same on both sides", () => {
    const of = (replicas: number) => ({
      spec: {
        replicas,
        template: { spec: { containers: [{ name: "a", env: [{ name: "A_KEY", value: "[secret]" }], ...startup }] } },
      },
    });
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

  it("move where a cluster of Amazon's gets another version, which its nodes follow", () => {
    const cluster = (version: string, more: object = {}) => ({ version, ...more });
    const of = (more: StepOf) => told("Cluster", { type: "aws:eks/cluster:Cluster", ...more });
    assert.equal(
      of({ before: cluster("1.33"), after: cluster("1.34") }),
      "Cluster it: what changes; its nodes are replaced one by one, and every pod on them moves, the database's too",
    );
    const nodes = (enabled: boolean) => cluster("1.34", { computeConfig: { enabled } });
    assert.match(of({ before: nodes(true), after: nodes(false) }) ?? "", /every pod on them moves/);
    assert.equal(of({ before: cluster("1.34"), after: cluster("1.34", { tags: { a: "b" } }) }), undefined);
    assert.equal(of({ after: cluster("1.34") }), undefined);
  });

  it("move where their nodes are no longer what is asked for, and not for what only decides about the next ones", () => {
    const tagged = (owner: string) => ({ spec: { tags: { Owner: owner } } });
    const moves = "its nodes are replaced one by one, and every pod on them moves, the database's too";
    assert.equal(
      told("NodeClass", { before: tagged("a"), after: tagged("b") }),
      `NodeClass it: what changes; ${moves}`,
    );
    assert.equal(
      told("NodeClass", { before: tagged("a"), after: { metadata: { labels: {} }, ...tagged("a") } }),
      undefined,
    );
    const pool = (weight: number, type: string) => ({ spec: { weight, template: { spec: { requirements: [type] } } } });
    assert.equal(
      told("NodePool", { before: pool(1, "a"), after: pool(1, "b") }),
      `NodePool it: what changes; ${moves}`,
    );
    assert.equal(told("NodePool", { before: pool(1, "a"), after: pool(2, "a") }), undefined);
    assert.equal(told("NodePool", { after: pool(1, "a") }), undefined);
    assert.match(told("NodePool", { before: pool(1, "a") }) ?? "", /every pod on them moves/);
  });

  it("are started by a Job that is made, or made anew, with its command", () => {
    const after = {
      spec: { template: { spec: { containers: [{ command: ["alembic", "upgrade"] }, { image: "x" }] } } },
    };
    assert.equal(told("Job", { after }), "Job it runs: alembic upgrade");
    assert.equal(told("Job", { op: "replace", before: after, after }), "Job it runs: alembic upgrade");
    assert.equal(told("Job", { type: "other:x:Job", after }), undefined);
    const two = { spec: { template: { spec: { containers: [{ command: ["a"] }, { command: ["b", "c"] }] } } } };
    assert.equal(told("Job", { after: two }), "Job it runs: a, b c");
    assert.equal(told("Job", { after: { spec: {} } }), "Job it runs");
    assert.equal(told("Job", { before: after, after }), undefined);
    assert.equal(told("Job", { before: after }), undefined);
    assert.equal(told("Job", { after, missing: true }), undefined);
  });
});

describe("Pods that may restart", () => {
  const of = (container: object, annotations: object = {}) => ({
    metadata: { annotations },
    spec: { replicas: 1, template: { spec: { containers: [{ name: "a", ...container }] } } },
  });
  const env = (...values: string[]) => ({ env: values.map((value, place) => ({ name: `V${place}`, value })) });
  const certain = /^Deployment it: what changes; its one pod is replaced/;

  it("are told of as such where only the update will know what changes in them", () => {
    const before = of(env("x"));
    const after = of(env(unknown), { note: "new" });
    assert.match(told("Deployment", { before, after }) ?? "", /what changes; if that differs, its one pod is replaced/);
    assert.equal(
      told("Job", { op: "replace", before: of(env("x", "y")), after: of(env(unknown, unknown)) }),
      "Job it runs, if env V0, env V1 differs once it is known",
    );
  });

  it("are certain where something else changes as well, and where an image is still to be built", () => {
    assert.match(told("Deployment", { before: of(env("x", "y")), after: of(env(unknown, "z")) }) ?? "", certain);
    assert.match(told("Deployment", { before: of({ image: "a" }), after: of({ image: unknown }) }) ?? "", certain);
    const renamed = { before: of({ image: "a", ...env("x") }), after: of({ image: unknown, ...env(unknown) }) };
    assert.match(told("Deployment", renamed) ?? "", certain);
  });
});

describe("Scaling", () => {
  const of = (replicas: unknown, template = 1) => ({ spec: { replicas, template } });
  const told = (before: object, after: object, kind = "Deployment") =>
    text(scaled(step(kind, { before: { ...before }, after: { ...after } })));

  it("restarts no pod, and says how many stop", () => {
    assert.equal(told(of(2), of(4)), "Deployment it: replicas 2 → 4; no pod restarts");
    assert.equal(told(of(4), of(3)), "Deployment it: replicas 4 → 3; 1 pod stops");
    assert.equal(told(of(4), of(2), "StatefulSet"), "StatefulSet it: replicas 4 → 2; 2 pods stop");
    assert.equal(told(of(1), of(undefined)), "Deployment it: replicas 1 → none; no pod restarts");
  });

  it("is not what else changes", () => {
    assert.equal(told(of(2), of(2)), undefined);
    assert.equal(told(of(2), of(3, 2)), undefined);
    assert.equal(told(of(2), of(3), "ReplicaSet"), undefined);
  });
});
