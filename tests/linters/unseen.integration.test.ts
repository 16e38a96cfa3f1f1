import assert from "node:assert/strict";
import { stackFiles } from "../../settings/stack-files.ts";
import { lintObjects } from "./lint.ts";
import { type Anything, containers, idOf, objectsOf, one, pods } from "./objects.ts";
import { waiverFor } from "./waivers.ts";

/** Control that no linter checks. */
interface Control {
  /** Name of the control, after "has". */
  readonly what: string;
  readonly remove: (objects: Anything[]) => void;
  /** Names of the objects without it. */
  readonly missing: (objects: Anything[]) => string[];
}

const eachPod = (lacking: (spec: Anything) => boolean) => (objects: Anything[]) =>
  pods(objects)
    .filter(({ spec }) => lacking(spec))
    .map(({ id }) => id);

const policies = (objects: Anything[]) =>
  objects.filter(({ kind }) => kind === "NetworkPolicy").map(({ spec }) => spec);

/** Prefix of every placeholder of a secret. */
const secret = "placeholder-for-";

const controls: Control[] = [
  {
    what: "no service account token",
    remove: (all) => {
      for (const { spec } of pods(all)) delete spec.automountServiceAccountToken;
    },
    missing: eachPod((spec) => spec.automountServiceAccountToken !== false),
  },
  {
    what: "a service account of its own, without a token either",
    remove: (all) => {
      for (const { spec } of pods(all)) delete spec.serviceAccountName;
    },
    missing: (all) => {
      const accounts = all.filter(
        (each) => each.kind === "ServiceAccount" && each.automountServiceAccountToken === false,
      );
      const names = accounts.map(({ metadata }) => metadata.name);
      return eachPod((spec) => !names.includes(spec.serviceAccountName))(all);
    },
  },
  {
    what: "no addresses of other services in the environment",
    remove: (all) => {
      for (const { spec } of pods(all)) delete spec.enableServiceLinks;
    },
    missing: eachPod((spec) => spec.enableServiceLinks !== false),
  },
  {
    what: "our images by digest",
    remove: (all) => {
      for (const each of containers(all)) each.image = each.image.replace(/@.*/, ":v1.1");
    },
    missing: (all) =>
      pods(all)
        .filter(
          ({ id, spec }) =>
            /web/.test(id) && !spec.containers.every((each: Anything) => /@sha256:[0-9a-f]{64}$/.test(each.image)),
        )
        .map(({ id }) => id),
  },
  {
    what: "a startup probe beside every liveness probe",
    remove: (all) => {
      for (const each of containers(all)) delete each.startupProbe;
    },
    missing: (all) =>
      containers(all)
        .filter((each) => each.livenessProbe && !each.startupProbe)
        .map(({ name }) => name),
  },
  {
    what: "a pause before it stops, shorter than its grace period",
    remove: (all) => {
      delete one(all, "Deployment").spec.template.spec.containers[0].lifecycle;
    },
    missing: (all) => {
      const { spec } = one(all, "Deployment").spec.template;
      const pause = spec.containers[0].lifecycle?.preStop.sleep.seconds ?? 0;
      return pause > 0 && spec.terminationGracePeriodSeconds > pause ? [] : ["Deployment"];
    },
  },
  {
    what: "no unavailable pod during a rollout",
    remove: (all) => {
      delete one(all, "Deployment").spec.strategy.rollingUpdate;
    },
    missing: (all) => (one(all, "Deployment").spec.strategy.rollingUpdate?.maxUnavailable === 0 ? [] : ["Deployment"]),
  },
  {
    what: "a limit on every temporary volume",
    remove: (all) => {
      for (const { spec } of pods(all)) for (const each of spec.volumes) if (each.emptyDir) each.emptyDir = {};
    },
    missing: eachPod((spec) => spec.volumes.some(({ emptyDir }: Anything) => emptyDir && !emptyDir.sizeLimit)),
  },
  {
    what: "a database that admits only its clients",
    remove: (all) => {
      for (const { ingress = [] } of policies(all)) for (const rule of ingress) delete rule.from;
    },
    missing: (all) => {
      const server = pods(all).find(({ id }) => id === "StatefulSet database");
      const to = policies(all).filter(
        ({ podSelector }) =>
          podSelector.matchLabels?.["app.kubernetes.io/name"] === server?.labels["app.kubernetes.io/name"],
      );
      const rules = to.flatMap(({ ingress = [] }) => ingress);
      return rules.length > 0 && rules.every((rule: Anything) => rule.from?.length > 0 && rule.ports?.length > 0)
        ? []
        : ["database"];
    },
  },
  {
    what: "a namespace that refuses other pods",
    remove: (all) => {
      delete one(all, "Namespace").metadata.labels["pod-security.kubernetes.io/enforce"];
    },
    missing: (all) =>
      one(all, "Namespace").metadata.labels["pod-security.kubernetes.io/enforce"] === "restricted" ? [] : ["Namespace"],
  },
  {
    what: "secrets only in Secrets",
    remove: (all) => {
      for (const each of containers(all))
        each.env = [{ name: "PGPASSWORD", value: `${secret}slipway:databasePassword` }];
    },
    missing: (all) => all.filter((each) => each.kind !== "Secret" && JSON.stringify(each).includes(secret)).map(idOf),
  },
];

describe("A control that no linter checks", () => {
  for (const { what, remove, missing } of controls) {
    it(`exists in every environment, and its removal is noticed: ${what}`, async () => {
      for (const { stack } of stackFiles()) assert.deepEqual(missing(await objectsOf(stack)), [], stack);
      const changed = await objectsOf("prod");
      remove(changed);
      assert.notDeepEqual(missing(changed), []);
    });
  }

  it("has no finding by a linter; otherwise it belongs to that linter's tests", async () => {
    const changed = await objectsOf("prod");
    for (const { remove } of controls) remove(changed);
    assert.deepEqual(
      (await lintObjects(changed)).filter((finding) => !waiverFor(finding)),
      [],
    );
  });
});
