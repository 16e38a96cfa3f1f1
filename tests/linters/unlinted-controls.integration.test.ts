import assert from "node:assert/strict";
import { stackFiles } from "../../settings/stack-files.ts";
import { lintObjects } from "./lint.ts";
import { type Anything, containers, idOf, objectsOf, one, pods } from "./objects.ts";
import { waiverFor } from "./waivers.ts";

const podsThat = (lack: (spec: Anything) => boolean) => (objects: Anything[]) =>
  pods(objects)
    .filter(({ spec }) => lack(spec))
    .map(({ id }) => id);

/** Prefix of every placeholder of a secret. */
const secret = "placeholder-for-";

const forPods = (change: (pod: Anything) => unknown) => (objects: Anything[]) => {
  for (const pod of pods(objects)) change(pod);
};
const forContainers = (change: (container: Anything) => unknown) => (objects: Anything[]) => {
  for (const container of containers(objects)) change(container);
};

/** Controls that no linter checks: the name of each, after "has"; a change that removes it; the objects without it. */
const controls: readonly [
  what: string,
  remove: (objects: Anything[]) => unknown,
  missing: (objects: Anything[]) => string[],
][] = [
  [
    "no service account token",
    forPods(({ spec }) => delete spec.automountServiceAccountToken),
    podsThat((spec) => spec.automountServiceAccountToken !== false),
  ],
  [
    "a service account of its own, without a token either",
    forPods(({ spec }) => delete spec.serviceAccountName),
    (all) => {
      const accounts = all.filter(
        (each) => each.kind === "ServiceAccount" && each.automountServiceAccountToken === false,
      );
      const names = accounts.map(({ metadata }) => metadata.name);
      return podsThat((spec) => !names.includes(spec.serviceAccountName))(all);
    },
  ],
  [
    "no addresses of other services in the environment",
    forPods(({ spec }) => delete spec.enableServiceLinks),
    podsThat((spec) => spec.enableServiceLinks !== false),
  ],
  [
    "our images by digest",
    forContainers((each) => {
      each.image = each.image.replace(/@.*/, ":v1.1");
    }),
    (all) =>
      podsThat((spec) => !spec.containers.every((each: Anything) => /@sha256:[0-9a-f]{64}$/.test(each.image)))(
        all,
      ).filter((id) => /web/.test(id)),
  ],
  [
    "a startup probe beside every liveness probe",
    forContainers((each) => delete each.startupProbe),
    podsThat((spec) => spec.containers.some((each: Anything) => each.livenessProbe && !each.startupProbe)),
  ],
  [
    "a pause before the application stops, shorter than its grace period",
    forContainers((each) => delete each.lifecycle),
    (all) => {
      const { spec } = one(all, "Deployment").spec.template;
      const pause = spec.containers[0].lifecycle?.preStop.sleep.seconds ?? 0;
      return pause > 0 && spec.terminationGracePeriodSeconds > pause ? [] : ["Deployment"];
    },
  ],
  [
    "no unavailable pod during a rollout",
    (all) => delete one(all, "Deployment").spec.strategy.rollingUpdate,
    (all) => (one(all, "Deployment").spec.strategy.rollingUpdate?.maxUnavailable === 0 ? [] : ["Deployment"]),
  ],
  [
    "a limit on every temporary volume",
    forPods(({ spec }) => {
      for (const each of spec.volumes) if (each.emptyDir) each.emptyDir = {};
    }),
    podsThat((spec) => spec.volumes.some(({ emptyDir }: Anything) => emptyDir && !emptyDir.sizeLimit)),
  ],
  [
    "a database that admits only its clients",
    (all) => {
      for (const { kind, spec } of all)
        if (kind === "NetworkPolicy") for (const rule of spec.ingress ?? []) delete rule.from;
    },
    (all) => {
      const name = "app.kubernetes.io/name";
      const server = pods(all).find(({ id }) => id === "StatefulSet database");
      const rules = all
        .filter(
          ({ kind, spec }) => kind === "NetworkPolicy" && spec.podSelector.matchLabels?.[name] === server?.labels[name],
        )
        .flatMap(({ spec }) => spec.ingress ?? []);
      const restricted = rules.every((rule: Anything) => rule.from?.length > 0 && rule.ports?.length > 0);
      return rules.length > 0 && restricted ? [] : ["database"];
    },
  ],
  [
    "a namespace that refuses other pods",
    (all) => delete one(all, "Namespace").metadata.labels["pod-security.kubernetes.io/enforce"],
    (all) =>
      one(all, "Namespace").metadata.labels["pod-security.kubernetes.io/enforce"] === "restricted" ? [] : ["Namespace"],
  ],
  [
    "secrets only in Secrets",
    forContainers((each) => {
      each.env = [{ name: "PGPASSWORD", value: `${secret}slipway:databasePassword` }];
    }),
    (all) => all.filter((each) => each.kind !== "Secret" && JSON.stringify(each).includes(secret)).map(idOf),
  ],
];

describe("Every environment", () => {
  for (const [what, remove, missing] of controls) {
    it(`has ${what}, which no linter checks; this test fails without it`, async () => {
      for (const { stack } of stackFiles()) assert.deepEqual(missing(await objectsOf(stack)), [], stack);
      const without = await objectsOf("prod");
      remove(without);
      assert.notDeepEqual(missing(without), []);
    });
  }

  it("has no control in this list that a linter checks after all", async () => {
    const without = await objectsOf("prod");
    for (const [, remove] of controls) remove(without);
    assert.deepEqual(
      (await lintObjects(without)).filter((finding) => !waiverFor(finding)),
      [],
    );
  });
});
