import assert from "node:assert/strict";
import type { Preview } from "../../../commands/preview/preview.ts";
import { changesOf } from "../../../commands/review/changes.ts";
import { recorded } from "./recorded.ts";
import { preview, type StepOf, step, text } from "./steps.ts";

const sentences = (of: Preview) => changesOf(of).map(({ risk, sentence }) => `${risk}: ${text(sentence)}`);
const ofRecorded = (name: string) => sentences(recorded(name));
const ofStep = (kind: string, of: StepOf) => sentences(preview("qa", step(kind, of)));

/** Some of the changes of a recorded preview. */
const included: [name: string, change: string][] = [
  [
    "password",
    "restarts: Deployment web: uses the new database-credentials; its 2 pods are replaced one by one; 2 of 2 serve throughout",
  ],
  [
    "variable",
    "restarts: Deployment web: env LOG_LEVEL none → debug; its 2 pods are replaced one by one; 2 of 2 serve throughout",
  ],
  [
    "release",
    "settings: Image app is built and pushed: localhost:5000/review-previews:8ebd2bad11b8fa13f71cf697d11adeae",
  ],
  ["release", "settings: Image app-name is built and pushed"],
  ["release", "settings: ConfigMap web-release changes: release.json → known after the update"],
  ["promotion", "settings: ConfigMap web-release changes: release v1.1 → v1.2"],
  ["password", "settings: Secret database-credentials is replaced: data.password [secret] → another [secret]"],
  [
    "postgres-minor",
    "restarts: StatefulSet database: image postgres:17 → postgres:17.9; its one pod is replaced, with none serving for up to 6 min",
  ],
  [
    "postgres-minor",
    "restarts: Deployment web: env PGUSER database-credentials → known after the update; if that differs, its 2 pods are replaced one by one; 2 of 2 serve throughout",
  ],
  ["postgres-minor", "restarts: Job web-migration runs, if env PGUSER differs once it is known: alembic upgrade head"],
  ["postgres-minor", "restarts: Job database-login-close runs: /etc/slipway/close-logins.sh"],
  [
    "plain-many",
    "settings: 300 ConfigMaps are new: many-0, many-1, many-10, many-100, many-101, many-102 and 294 more",
  ],
  ["backups", "settings: CronJob database-backups is new"],
  ["create", "settings: Deployment web is new"],
  ["create", "settings: Job web-migration runs: alembic upgrade head"],
];

/** All changes of a recorded preview, or the first. */
const complete: [name: string, changes: string[]][] = [
  [
    "port",
    [
      "restarts: Deployment web: port 8000 → 8080; its 2 pods are replaced one by one; 2 of 2 serve throughout",
      "access: network policy web changes: port 8000 → 8080",
    ],
  ],
  [
    "promotion",
    [
      "restarts: Deployment web: release v1.1 → v1.2; its 2 pods are replaced one by one; 2 of 2 serve throughout",
      "restarts: Job web-migration runs: alembic upgrade head",
    ],
  ],
  [
    "plain-drift-alone",
    [
      "settings: ConfigMap settings was changed outside Pulumi: data.a 1 → 2",
      "settings: Deployment all was changed outside Pulumi: replicas 2 → 1",
    ],
  ],
  [
    "drift-alone",
    [
      "settings: Deployment web was changed outside Pulumi: replicas 2 → 1",
      "settings: PodDisruptionBudget web was deleted outside Pulumi",
    ],
  ],
  [
    "drift",
    [
      "settings: Deployment web: replicas 1 → 2; no pod restarts",
      "settings: PodDisruptionBudget web was deleted outside Pulumi, and is created again",
    ],
  ],
];

describe("The changes of a preview", () => {
  for (const [name, changes] of complete)
    it(`start with the worst in the recorded preview ${name}`, () => {
      assert.deepEqual(ofRecorded(name).slice(0, changes.length), changes);
    });

  for (const [name, change] of included)
    it(`include "${change}" in the recorded preview ${name}`, () => {
      const changes = ofRecorded(name);
      assert.ok(changes.includes(change), changes.join("\n"));
    });

  it("have the commits of a release once", () => {
    const [change, ...more] = changesOf(recorded("promotion"));
    assert.match(`${change?.commits?.from} ${change?.commits?.to}`, /^([0-9a-f]{40}) (?!\1)[0-9a-f]{40}$/);
    assert.ok(more.every(({ commits }) => commits === undefined));
    assert.equal(changesOf(recorded("port"))[0]?.commits, undefined);
  });

  it("say of every process which release it gets, and once what that has in common", () => {
    const state = (version: string, commit: string, reason?: string) => ({
      metadata: {
        annotations: {
          "org.opencontainers.image.version": version,
          "org.opencontainers.image.revision": commit,
          ...(reason && { "slipway/break-glass": reason }),
        },
      },
      spec: {
        replicas: 1,
        strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
        template: { spec: { containers: [{ name: "it", image: `app@sha256:${commit}` }] } },
      },
    });
    const [before, after] = [state("v1.1", "a".repeat(64)), state("v1.2", "b".repeat(64), "the outage of 3 May")];
    const job = ({ metadata, spec: { template } }: typeof before) => ({
      metadata,
      spec: { jobTemplate: { spec: { template } } },
    });
    const all = preview(
      "qa",
      step("Deployment", { name: "web", before, after }),
      step("Deployment", { name: "worker", before, after }),
      step("CronJob", { name: "clean-up", before: job(before), after: job(after) }),
    );
    const rollout = "release v1.1 → v1.2; its one pod is replaced once its successor serves";
    assert.deepEqual(sentences(all), [
      `restarts: Deployment web: ${rollout}`,
      `restarts: Deployment worker: ${rollout}`,
      "access: runs although it was never verified: the outage of 3 May",
    ]);
    assert.equal(changesOf(all).filter(({ commits }) => commits).length, 1);
  });

  for (const name of ["password", "plain-class", "plain-replaced"])
    it(`are the same if Pulumi prints replacements in three steps: ${name}`, () => {
      assert.deepEqual(ofRecorded(`${name}-steps`), ofRecorded(name));
    });

  it("count resources of one kind that are created or deleted", () => {
    const steps = ["Lease", "a kind"].flatMap((kind) =>
      ["b", "a"].map((name) => step(kind, { name, before: {}, type: `other:x:${kind}` })),
    );
    assert.deepEqual(sentences(preview("qa", ...steps)), [
      "settings: 2 of kind a kind are deleted: a, b",
      "settings: 2 Leases are deleted: a, b",
    ]);
  });

  it("neither restart pods nor change access in a new environment", () => {
    assert.ok(ofRecorded("create").every((each) => each.startsWith("settings: ")));
    const opens = preview("qa", step("Ingress", { after: { spec: { rules: [{ host: "a.example" }] } } }));
    assert.deepEqual(sentences({ ...opens, isNew: true }), ["settings: Ingress it is new"]);
    assert.deepEqual(sentences(opens), ["access: Ingress it serves nothing → a.example"]);
  });

  it("are sorted by risk, then by kind and name", () => {
    const order = ofRecorded("plain-namespace").map((each) => each.split(":")[0]);
    assert.deepEqual([...new Set(order)], ["data", "restarts", "settings"]);
    const same = changesOf(preview("qa", step("B", { after: {} }), step("A", { after: {} })));
    assert.deepEqual(
      same.map(({ resource }) => resource),
      ["A it", "B it"],
    );
  });

  it("do not include components and look-ups", () => {
    const component = step("WebApp", { type: "slipway:index:WebApp", after: {} });
    const after = component.after && { ...component.after, custom: false };
    assert.deepEqual(sentences(preview("qa", { ...component, after })), []);
    assert.deepEqual(ofStep("StackReference", { type: "pulumi:pulumi:StackReference", after: {} }), []);
  });

  it("include protections that are added or lifted", () => {
    const same = (of: StepOf) => ofStep("Namespace", { op: "same", before: {}, after: {}, ...of });
    assert.deepEqual(same({ protect: [false, true] }), ["settings: Namespace it is protected from now on"]);
    assert.deepEqual(same({ protect: [true, false] }), [
      "data: Namespace it is no longer protected: a later change may delete it",
    ]);
    assert.deepEqual(same({ protect: [true, true] }), []);
    assert.deepEqual(same({ retain: [false, true] }), [
      "settings: Namespace it is kept from now on when its stack deletes it",
    ]);
  });
});
