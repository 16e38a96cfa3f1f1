import assert from "node:assert/strict";
import { stackFiles } from "../../settings/stack-files.ts";
import { type Anything, containers, idOf, objectsOf, one, pods } from "./objects.ts";

const podsThat = (lack: (spec: Anything) => boolean) => (objects: Anything[]) =>
  pods(objects)
    .filter(({ spec }) => lack(spec))
    .map(({ id }) => id);

/** Prefix of every placeholder of a secret. */
const secret = "placeholder-for-";

/** Controls that no linter checks: the name of each, after "has", and the objects without it. */
const controls: readonly [what: string, missing: (objects: Anything[]) => string[]][] = [
  ["no service account token", podsThat((spec) => spec.automountServiceAccountToken !== false)],
  [
    "a service account of its own, without a token either",
    (all) => {
      const accounts = all.filter(
        (each) => each.kind === "ServiceAccount" && each.automountServiceAccountToken === false,
      );
      const names = accounts.map(({ metadata }) => metadata.name);
      return podsThat((spec) => !names.includes(spec.serviceAccountName))(all);
    },
  ],
  ["no addresses of other services in the environment", podsThat((spec) => spec.enableServiceLinks !== false)],
  [
    "our images by digest",
    (all) =>
      podsThat((spec) => !spec.containers.every((each: Anything) => /@sha256:[0-9a-f]{64}$/.test(each.image)))(
        all,
      ).filter((id) => /web/.test(id)),
  ],
  [
    "a startup probe beside every liveness probe",
    podsThat((spec) => spec.containers.some((each: Anything) => each.livenessProbe && !each.startupProbe)),
  ],
  [
    "a pause before the application stops, shorter than its grace period",
    (all) => {
      const { spec } = one(all, "Deployment").spec.template;
      const pause = spec.containers[0].lifecycle?.preStop.sleep.seconds ?? 0;
      return pause > 0 && spec.terminationGracePeriodSeconds > pause ? [] : ["Deployment"];
    },
  ],
  [
    "no unavailable pod during a rollout",
    (all) => (one(all, "Deployment").spec.strategy.rollingUpdate?.maxUnavailable === 0 ? [] : ["Deployment"]),
  ],
  [
    "a limit on every temporary volume",
    podsThat((spec) => spec.volumes.some(({ emptyDir }: Anything) => emptyDir && !emptyDir.sizeLimit)),
  ],
  [
    "a database that admits only its clients",
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
    (all) =>
      one(all, "Namespace").metadata.labels["pod-security.kubernetes.io/enforce"] === "restricted" ? [] : ["Namespace"],
  ],
  [
    "secrets only in Secrets",
    (all) => all.filter((each) => each.kind !== "Secret" && JSON.stringify(each).includes(secret)).map(idOf),
  ],
];

describe("Every environment", () => {
  for (const [what, missing] of controls) {
    it(`has ${what}, which no linter checks`, async () => {
      for (const { stack } of stackFiles()) assert.deepEqual(missing(await objectsOf(stack)), [], stack);
    });
  }

  it("has objects to which these checks apply", async () => {
    for (const { stack } of stackFiles()) {
      const all = await objectsOf(stack);
      assert.ok(
        containers(all).some((each) => each.livenessProbe),
        stack,
      );
      assert.ok(JSON.stringify(all.filter(({ kind }) => kind === "Secret")).includes(secret), stack);
    }
  });
});
