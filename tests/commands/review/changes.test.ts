import assert from "node:assert/strict";
import { unknown } from "../../../commands/cli/sentence.ts";
import { shortName } from "../../../commands/preview/changed-fields.ts";
import { changesOf, summary } from "../../../commands/review/changes.ts";
import { recorded } from "./recorded.ts";
import { preview, step, text } from "./steps.ts";

const told = (name: string) => changesOf(recorded(name)).map(({ risk, sentence }) => `${risk}: ${text(sentence)}`);
const one = (kind: string, of: Parameters<typeof step>[1]) =>
  changesOf(preview("qa", step(kind, of))).map(({ risk, sentence }) => `${risk}: ${text(sentence)}`);

describe("Changes in sentences", () => {
  it("tell a new port: the pods one by one, and the rule that lets traffic in", () => {
    assert.deepEqual(told("port"), [
      "restarts: Deployment web: port 8000 → 8080; its 2 pods are replaced one by one; 2 of 2 serve throughout",
      "access: network policy web changes: port 8000 → 8080",
    ]);
  });

  it("tell a release by its name, before the migration and what is only built", () => {
    assert.deepEqual(told("promotion").slice(0, 2), [
      "restarts: Deployment web: release v1.1 → v1.2; its 2 pods are replaced one by one; 2 of 2 serve throughout",
      "restarts: Job web-migration runs: alembic upgrade head",
    ]);
    assert.ok(
      told("release").includes(
        "settings: Image app is built and pushed: localhost:5000/review-previews:8ebd2bad11b8fa13f71cf697d11adeae",
      ),
      told("release").join("\n"),
    );
    assert.ok(told("release").includes("settings: Image app-name is built and pushed"));
  });

  it("know the commits between which a release goes", () => {
    const [change] = changesOf(recorded("promotion"));
    assert.match(change?.commits?.from ?? "", /^[0-9a-f]{40}$/);
    assert.match(change?.commits?.to ?? "", /^[0-9a-f]{40}$/);
    assert.notEqual(change?.commits?.from, change?.commits?.to);
    assert.equal(changesOf(recorded("port"))[0]?.commits, undefined);
  });

  it("tell a password without it, and without names that are made up anew each time", () => {
    const found = told("password");
    assert.equal(
      found[0],
      "restarts: Deployment web: uses the new database-credentials; its 2 pods are replaced one by one; 2 of 2 serve throughout",
    );
    assert.ok(
      found.includes("settings: Secret database-credentials is replaced: data.password [secret] → another [secret]"),
    );
  });

  it("are the same whether replacements are told in one step or in three", () => {
    assert.deepEqual(told("password-steps"), told("password"));
    assert.deepEqual(told("plain-class-steps"), told("plain-class"));
    assert.deepEqual(told("plain-replaced-steps"), told("plain-replaced"));
  });

  it("tell PostgreSQL's restart with how long it is away", () => {
    assert.ok(
      told("postgres-minor").includes(
        "restarts: StatefulSet database: image postgres:17 → postgres:17.9; its one pod is replaced, with none serving for up to 6 min",
      ),
    );
  });

  it("tell a variable that comes by its value", () => {
    assert.match(told("variable")[0] ?? "", /^restarts: Deployment web: env LOG_LEVEL none → debug; /);
  });

  it("tell drift as what happened, and what would be done about it", () => {
    assert.deepEqual(told("plain-drift-alone"), [
      "settings: ConfigMap settings was changed outside Pulumi: data.a 1 → 2",
      "settings: Deployment all was changed outside Pulumi: replicas 2 → 1",
    ]);
    assert.deepEqual(told("drift-alone"), [
      "settings: Deployment web was changed outside Pulumi: replicas 2 → 1",
      "settings: PodDisruptionBudget web was deleted outside Pulumi",
    ]);
    assert.deepEqual(told("drift"), [
      "settings: Deployment web: replicas 1 → 2; no pod restarts",
      "settings: PodDisruptionBudget web was deleted outside Pulumi, and is made again",
    ]);
  });

  it("count many of a kind instead of naming all", () => {
    assert.ok(
      told("plain-many").includes(
        "settings: 300 ConfigMaps are new: many-0, many-1, many-10, many-100, many-101, many-102 and 294 more",
      ),
      told("plain-many").join("\n"),
    );
    assert.ok(told("backups").includes("settings: CronJob database-backups is new"));
    const kinds = ["Lease", "a kind"].flatMap((kind) =>
      ["b", "a"].map((name) => step(kind, { name, before: {}, type: `other:x:${kind}` })),
    );
    assert.deepEqual(
      changesOf(preview("qa", ...kinds)).map(({ sentence }) => text(sentence)),
      ["2 of kind a kind go: a, b", "2 Leases go: a, b"],
    );
  });

  it("tell of a new environment without restarts: nothing runs there yet", () => {
    const found = told("create");
    assert.deepEqual([...new Set(found.map((each) => each.split(":")[0]))], ["settings"]);
    assert.ok(found.includes("settings: Deployment web is new"));
    assert.ok(found.includes("settings: Job web-migration runs: alembic upgrade head"));
  });

  it("tell what only may happen as such: the update may find the value that is there", () => {
    const found = told("postgres-minor");
    assert.equal(
      found[0],
      "restarts: Deployment web: env PGUSER database-credentials → known once it is made; " +
        "if that differs, its 2 pods are replaced one by one; 2 of 2 serve throughout",
    );
    assert.ok(
      found.includes("restarts: Job web-migration runs, if env PGUSER differs once it is known: alembic upgrade head"),
    );
    assert.ok(found.includes("restarts: Job database-login-close runs: /etc/slipway/close-logins.sh"));
  });

  it("tell the file by which pods know their release as the release", () => {
    assert.ok(told("promotion").includes("settings: ConfigMap web-release changes: release v1.1 → v1.2"));
    assert.ok(
      told("release").includes("settings: ConfigMap web-release changes: release.json → known once it is made"),
    );
    const file = (text: string) => ({ data: { "release.json": text } });
    const [found] = one("ConfigMap", { before: file("no JSON"), after: file('{"name":"v2"}') });
    assert.equal(found, "settings: ConfigMap it changes: release none → v2");
  });

  it("tell what a new environment opens as new, and in an old one as a change of access", () => {
    const opens = preview("qa", step("Ingress", { after: { spec: { rules: [{ host: "a.example" }] } } }));
    const told = (isNew: boolean) =>
      changesOf({ ...opens, isNew }).map(({ risk, sentence }) => `${risk}: ${text(sentence)}`);
    assert.deepEqual(told(true), ["settings: Ingress it is new"]);
    assert.deepEqual(told(false), ["access: Ingress it serves nothing → a.example"]);
  });

  it("put the worst first, and the same risk in the order of names", () => {
    const order = told("plain-namespace").map((each) => each.split(":")[0]);
    assert.deepEqual([...new Set(order)], ["data", "restarts", "settings"]);
    const same = changesOf(preview("qa", step("B", { after: {} }), step("A", { after: {} })));
    assert.deepEqual(
      same.map(({ resource }) => resource),
      ["A it", "B it"],
    );
  });

  it("leave out components and look-ups", () => {
    const component = step("WebApp", { type: "slipway:index:WebApp", after: {} });
    const changes = changesOf(preview("qa", { ...component, after: { ...component.after, custom: false } as never }));
    assert.deepEqual(changes, []);
    assert.deepEqual(one("StackReference", { type: "pulumi:pulumi:StackReference", after: {} }), []);
  });

  it("tell a protection that comes or goes", () => {
    const same = (protect: [boolean, boolean]) => one("Namespace", { op: "same", before: {}, after: {}, protect });
    assert.deepEqual(same([false, true]), ["settings: Namespace it is protected from now on"]);
    assert.deepEqual(same([true, false]), ["data: Namespace it is no longer protected: a later change may delete it"]);
    assert.deepEqual(same([true, true]), []);
    const kept = step("Namespace", { op: "same", before: {}, after: {} });
    const newly = { ...kept, after: kept.after && { ...kept.after, retainOnDelete: true } };
    assert.deepEqual(
      changesOf(preview("qa", newly)).map(({ sentence }) => text(sentence)),
      ["Namespace it stays from now on where its stack lets go of it"],
    );
  });

  it("name four fields, and count the others", () => {
    const of = (value: number) => Object.fromEntries(["a", "b", "c", "d", "e", "f"].map((name) => [name, value]));
    assert.equal(
      text(summary(step("Thing", { before: of(1), after: of(2) }))),
      ": a 1 → 2, b 1 → 2, c 1 → 2, d 1 → 2 and 2 more",
    );
  });

  it("say once what several fields have in common", () => {
    const of = (image: string) => ({
      spec: {
        template: {
          spec: {
            containers: [
              { name: "a", image },
              { name: "b", image },
            ],
          },
        },
      },
    });
    assert.equal(text(summary(step("Deployment", { before: of("a:1"), after: of("a:2") }))), ": image a:1 → a:2");
  });

  it("keep what looks made up, but is not", () => {
    const told = (after: string) =>
      text(summary(step("Thing", { before: { tag: "v1-0a1b2c3d" }, after: { tag: after } })));
    assert.equal(told("v2"), ": tag v1-0a1b2c3d → v2");
    assert.equal(told(unknown), ": tag v1 → known once it is made");
  });

  it("shorten commits", () => {
    const [before, after] = ["a", "b"].map((letter) => ({ commit: letter.repeat(40) }));
    assert.equal(text(summary(step("Thing", { before, after }))), ": commit aaaaaaaa → bbbbbbbb");
  });

  it("shorten digests, and say of what is not known that it is not", () => {
    const of = (image: string) => ({ spec: { template: { spec: { containers: [{ name: "a", image }] } } } });
    const digest = (letter: string) => `r/a@sha256:${letter.repeat(64)}`;
    assert.equal(
      text(summary(step("Deployment", { before: of(digest("a")), after: of(digest("b")) }))),
      ": image sha256:aaaaaaaaaaaa → sha256:bbbbbbbbbbbb",
    );
    assert.equal(
      text(summary(step("Deployment", { before: of(digest("a")), after: of(unknown) }))),
      ": image r/a@sha256:aaaaaaaaaaaa → known once it is made",
    );
  });
});

describe("The name of a field", () => {
  const cases: [string, string][] = [
    ["spec.replicas", "replicas"],
    ["spec.minReplicas", "minReplicas"],
    ["spec.template.spec.containers[web].image", "image"],
    ["spec.template.spec.initContainers[web].image.digest", "image"],
    ["spec.template.spec.containers[web].env[LOG_LEVEL].value", "env LOG_LEVEL"],
    ["spec.template.spec.containers[web].env[PGPASSWORD].valueFrom.secretKeyRef.name", "env PGPASSWORD"],
    ["spec.template.spec.containers[web].env[LOG_LEVEL]", "env LOG_LEVEL"],
    ["spec.template.spec.containers[web].ports[http].containerPort", "port"],
    ["spec.ingress[0].ports[0].port", "port"],
    ["spec.template.spec.containers[web].resources.limits.memory", "limits.memory"],
    ["spec.resources.requests.storage", "storage"],
    ["spec.storageClassName", "storage class"],
    ["metadata.labels[app.kubernetes.io/name]", "app.kubernetes.io/name"],
    ["metadata.annotations.note", "note"],
    ["spec.template.spec.serviceAccountName", "serviceAccountName"],
    ["spec.schedule", "schedule"],
    ["data.colour", "data.colour"],
    ["data[release.json].name", "release.json.name"],
  ];
  for (const [field, name] of cases)
    it(`is what people call it: ${field}`, () => {
      assert.equal(shortName(field), name);
    });
});
