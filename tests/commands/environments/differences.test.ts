import assert from "node:assert/strict";
import type { Fields } from "../../../commands/cli/fields.ts";
import { differences } from "../../../commands/environments/differences.ts";
import type { Resource } from "../../../commands/environments/render.ts";

const resource = (object: Fields, options: Fields = {}, name = "web"): Resource => ({
  kind: "Deployment",
  name,
  object,
  options,
  manifest: true,
});

const between = (left: Fields, right: Fields) =>
  differences([resource(left)], [resource(right)]).map(({ field, left, right }) => [field, left, right]);

describe("Differences between environments", () => {
  it("ignore whether a field is missing or null", () => {
    assert.deepEqual(between({ a: { b: [1, 2] }, c: undefined }, { a: { b: [1, 2] }, d: null }), []);
  });

  it("name the field and both values", () => {
    assert.deepEqual(between({ spec: { replicas: 2 } }, { spec: { replicas: 3 } }), [["spec.replicas", 2, 3]]);
    assert.deepEqual(between({ data: { "a.b/c": "x" } }, { data: {} }), [["data[a.b/c]", "x", undefined]]);
  });

  it("match list elements by name, so that one more container is one difference", () => {
    const list = (...names: string[]) => ({ containers: names.map((name) => ({ name, image: "i" })) });
    assert.deepEqual(between(list("web"), list("log", "web")), [
      ["containers[log]", undefined, { name: "log", image: "i" }],
    ]);
  });

  it("match elements without names by index", () => {
    assert.deepEqual(between({ args: ["a", "b"] }, { args: ["a", "c", "d"] }), [
      ["args[1]", "b", "c"],
      ["args[2]", undefined, "d"],
    ]);
  });

  it("match mounts of the same volume by path", () => {
    const mounts = (second: string) => ({
      volumeMounts: [
        { name: "v", mountPath: "/a" },
        { name: "v", mountPath: second },
      ],
    });
    assert.equal(between(mounts("/b"), mounts("/c")).length, 2);
  });

  it("separate an image's repository from its digest", () => {
    const image = (repository: string, digit: string) => ({ image: `${repository}@sha256:${digit.repeat(64)}` });
    assert.deepEqual(between(image("one/app", "a"), image("two/app", "a")), [
      ["image.repository", "one/app", "two/app"],
    ]);
    assert.equal(between(image("one/app", "a"), image("one/app", "b"))[0]?.[0], "image.digest");
  });

  it("compare the fields of JSON in files", () => {
    assert.deepEqual(between({ data: { "r.json": '{"a":1,"b":2}' } }, { data: { "r.json": '{"a":1,"b":3}' } }), [
      ["data[r.json].b", 2, 3],
    ]);
    assert.deepEqual(between({ text: "{ no JSON" }, { text: "{ none" }), [["text", "{ no JSON", "{ none"]]);
  });

  it("include missing resources and options of Pulumi", () => {
    const actual = differences(
      [resource({}, { protect: true })],
      [resource({}, { protect: false }), resource({}, {}, "extra")],
    );
    assert.deepEqual(actual, [
      { kind: "Deployment", name: "extra", field: "", left: undefined, right: "present" },
      { kind: "Deployment", name: "web", field: "options.protect", left: true, right: false },
    ]);
  });
});
