import assert from "node:assert/strict";
import { unknown } from "../../../commands/cli/sentence.ts";
import { shortName } from "../../../commands/review/field-name.ts";
import { summary } from "../../../commands/review/summary.ts";
import { step, text } from "./steps.ts";

type Inputs = { [field: string]: unknown };
const changes = (before: Inputs, after: Inputs) => text(summary(step("Thing", { before, after })));
const pod = (...images: string[]) => ({
  spec: { template: { spec: { containers: images.map((image, index) => ({ name: `c${index}`, image })) } } },
});
const digest = (letter: string) => `r/a@sha256:${letter.repeat(64)}`;

describe("The summary of changed fields", () => {
  it("names four fields, and counts the others", () => {
    const of = (value: number) => Object.fromEntries(["a", "b", "c", "d", "e", "f"].map((name) => [name, value]));
    assert.equal(changes(of(1), of(2)), ": a 1 → 2, b 1 → 2, c 1 → 2, d 1 → 2 and 2 more");
  });

  it("says the same change of several fields once", () => {
    assert.equal(changes(pod("a:1", "a:1"), pod("a:2", "a:2")), ": image a:1 → a:2");
  });

  it("leaves out the suffix of a name only if it is generated", () => {
    assert.equal(changes({ tag: "v1-0a1b2c3d" }, { tag: "v2" }), ": tag v1-0a1b2c3d → v2");
    assert.equal(changes({ tag: "v1-0a1b2c3d" }, { tag: unknown }), ": tag v1 → known after the update");
  });

  it("shortens commits and digests", () => {
    const [before, after] = ["a", "b"].map((letter) => ({ commit: letter.repeat(40) }));
    assert.equal(changes(before ?? {}, after ?? {}), ": commit aaaaaaaa → bbbbbbbb");
    assert.equal(changes(pod(digest("a")), pod(digest("b"))), ": image sha256:aaaaaaaaaaaa → sha256:bbbbbbbbbbbb");
    assert.equal(changes(pod(digest("a")), pod(unknown)), ": image r/a@sha256:aaaaaaaaaaaa → known after the update");
  });

  it("names a release by its name, from the file that tells pods their release", () => {
    const file = (text: string) => ({ data: { "release.json": text } });
    assert.equal(changes(file("no JSON"), file('{"name":"v2"}')), ": release none → v2");
  });
});

describe("The name of a field", () => {
  for (const [field, name] of [
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
  ] as const)
    it(`is "${name}" for ${field}`, () => {
      assert.equal(shortName(field), name);
    });
});
