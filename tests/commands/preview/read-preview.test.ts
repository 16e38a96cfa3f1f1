import assert from "node:assert/strict";
import { readPreview } from "../../../commands/preview/read-preview.ts";
import { recorded, textOf } from "../review/recorded.ts";

const read = (json: object) => readPreview(JSON.stringify(json), "file");
const readSteps = (...steps: object[]) => read({ steps }).steps;
const urn = (rest: string) => `urn:pulumi:qa::slipway::${rest}`;
const claim = urn("kubernetes:core/v1:PersistentVolumeClaim::data");
const named = (name: string) => ({ inputs: { metadata: { name, namespace: "n" } } });

describe("Reading a preview", () => {
  it("names the environment after its stack, or else after the file", () => {
    assert.equal(recorded("port").environment, "review");
    assert.equal(read({ steps: [] }).environment, "file");
  });

  it("reads whether the environment is new, and how many resources do not change", () => {
    assert.equal(recorded("create").isNew, true);
    const { isNew, unchanged } = recorded("port");
    assert.deepEqual({ isNew, unchanged }, { isNew: false, unchanged: 27 });
  });

  it("turns output without JSON into a failure", () => {
    assert.deepEqual(readPreview("error: no stack named 'qa' found", "qa"), {
      environment: "qa",
      steps: [],
      failures: ["no stack named 'qa' found"],
      unchanged: 0,
      isNew: false,
    });
  });

  for (const [text, failure] of [
    [" \n", "the preview printed nothing: does pulumi preview --json run?"],
    ["\nwarning: this {and} error: that\n", "the preview printed no JSON: warning: this {and} error: that"],
    ...["{}", '{"version":3}', "[]", "null", '"steps"', "7"].map((json) => [
      json,
      "the JSON is no preview, which has one of steps, diagnostics, changeSummary: run pulumi preview --json",
    ]),
  ] as const)
    it(`says what is wrong with the output ${JSON.stringify(text)}`, () => {
      assert.deepEqual(readPreview(text ?? "", "qa").failures, [failure]);
    });

  for (const json of [{ steps: [] }, { diagnostics: [] }, { changeSummary: { same: 1 } }])
    it(`accepts a preview that only has ${Object.keys(json)}`, () => {
      assert.deepEqual(read(json).failures, []);
    });

  it("shows nothing of JSON that is cut off, in which secrets can't be recognised", () => {
    const text = textOf("plain-secrets").replaceAll("[secret]", "swordfish");
    const failure = "the preview's JSON is cut off or damaged: run the preview again, with pulumi preview --json";
    for (const part of [text.slice(0, -2), text.slice(0, 900), `warning: old\n${text.slice(0, 900)}`, text + text])
      assert.deepEqual(readPreview(part, "qa").failures, [failure]);
  });

  it("says where the JSON is not as Pulumi writes it", () => {
    const [failure = ""] = read({ steps: [{ op: "update" }] }).failures;
    assert.match(failure, /^the preview's JSON is not as Pulumi writes it: steps\.0\.urn: /);
    assert.match(read({ steps: 1 }).failures[0] ?? "", / writes it: steps: /);
  });

  it("skips what a program prints before the JSON", () => {
    assert.equal(readPreview(`warning: {careful}\n${textOf("port")}`, "file").environment, "review");
  });

  it("reads each error once, without colours, warnings and the engine's closing message", () => {
    const failures = (...messages: string[]) =>
      read({ diagnostics: messages.map((message) => ({ severity: "error", message })) }).failures;
    const coloured = "error: \u001b[31mbroken\u001b[0m\n";
    assert.deepEqual(failures("error: broken\n", coloured, "error: preview failed\n"), ["broken"]);
    assert.deepEqual(failures("error: preview failed\n"), ["preview failed"]);
    const similar = ["the update failed", "update failed badly", "an error: bad"];
    assert.deepEqual(failures("update failed", ...similar), similar);
    assert.deepEqual(read({ diagnostics: [{ severity: "warning", message: "warning: old" }] }).failures, []);
  });

  it("replaces the suffixes of new generated names, everywhere", () => {
    const generated = (name: string) => ({
      op: "create",
      urn: urn(`t::${name}`),
      newState: { inputs: { metadata: { name, annotations: { "pulumi.com/autonamed": "true" } } } },
    });
    const own = { op: "create", urn: urn("t::own"), newState: named("own-0a1b2c3d") };
    const text = "a.b-0a1b2c3d, c-4e5f6a7b, axb-0a1b2c3d, own-0a1b2c3d";
    const user = { op: "update", urn: urn("t::user"), oldState: {}, newState: { inputs: { text } } };
    const names = ["a.b-0a1b2c3d", "c-4e5f6a7b", "(-0a1b2c3d", "0a1b2c3d-("];
    const steps = readSteps(...names.map(generated), own, user);
    const inputs = (wanted: string) => steps.find(({ name }) => name === wanted)?.after?.inputs;
    assert.deepEqual(inputs("user"), { text: "a.b-…, c-…, axb-0a1b2c3d, own-0a1b2c3d" });
    assert.deepEqual(inputs("c-…"), generated("c-…").newState.inputs);
    assert.deepEqual(inputs("own"), named("own-0a1b2c3d").inputs);
  });
});

describe("The steps of a preview", () => {
  for (const name of ["password", "password-steps"])
    it(`have one for each replacement, also if Pulumi prints three: ${name}`, () => {
      const replaced = recorded(name).steps.filter(({ op }) => op === "replace");
      assert.deepEqual(
        replaced.map((step) => `${step.kind} ${step.name}${step.deleteFirst ? ", deleted first" : ""}`).sort(),
        [
          "Job database-login-close",
          "Job database-login-open",
          "Job web-migration",
          "Secret database-credentials",
          "Secret database-login, deleted first",
        ],
      );
    });

  for (const [ops, deleteFirst] of [
    [["create-replacement", "replace", "delete-replaced"], false],
    [["delete-replaced", "replace", "create-replacement"], true],
    [["create-replacement", "delete-replaced"], false],
    [["delete-replaced", "create-replacement"], true],
    [["replace"], true],
    [["create-replacement"], true],
    [["import-replacement"], true],
    [["delete-replaced"], true],
  ] as const)
    it(`are a replacement for ${ops}, with the order of these or by the names of both objects`, () => {
      const steps = readSteps(...ops.map((op) => ({ op, urn: claim, oldState: named("a"), newState: named("a") })));
      assert.deepEqual(
        steps.map((step) => [step.op, step.deleteFirst]),
        [["replace", deleteFirst]],
      );
    });

  it("create the new object first if the objects have no name", () => {
    const [step] = readSteps({ op: "replace", urn: claim, oldState: {}, newState: {} });
    assert.equal(step?.deleteFirst, false);
  });

  it("have the kind Provider for a provider, and no state after a deletion", () => {
    const provider = urn("pulumi:providers:kubernetes::cluster");
    assert.equal(readSteps({ op: "update", urn: provider })[0]?.kind, "Provider");
    const [deleted] = readSteps({ op: "delete", urn: claim, oldState: {}, newState: {} });
    assert.deepEqual([deleted?.kind, deleted?.after], ["PersistentVolumeClaim", undefined]);
  });

  for (const [of, paths] of [
    [{ detailedDiff: { "data.a": {} }, diffReasons: ["data"] }, ["data.a"]],
    [{ detailedDiff: null, diffReasons: ["kubeconfig"] }, ["kubeconfig"]],
    [{}, []],
  ] as const)
    it(`have the changed paths ${JSON.stringify(paths)} from ${JSON.stringify(of)}`, () => {
      assert.deepEqual(readSteps({ op: "update", urn: claim, ...of })[0]?.changedPaths, paths);
    });

  it("are about unprotected resources by default", () => {
    const [step] = readSteps({ op: "delete", urn: claim, oldState: {} });
    assert.deepEqual(step?.before, {
      custom: true,
      inputs: {},
      outputs: {},
      protect: false,
      retainOnDelete: false,
    });
  });

  for (const [name, expected] of [
    ["plain-drift-alone", "drift ConfigMap settings, drift Deployment all"],
    ["drift-alone", "drift Deployment web, drift PodDisruptionBudget web, missing"],
    ["drift", "create PodDisruptionBudget web, missing, update Deployment web"],
  ] as const)
    it(`are drift only in the preview of a refresh: ${name}`, () => {
      const steps = recorded(name).steps.filter(({ op }) => op !== "same");
      const texts = steps.map(({ op, kind, name, missing }) => `${op} ${kind} ${name}${missing ? ", missing" : ""}`);
      assert.equal(texts.sort().join(", "), expected);
    });

  for (const [op, stack, expected] of [
    ["update", "same", ["update", false]],
    ["delete", "refresh", ["drift", true]],
    ["update", "refresh", ["drift", false]],
    ["delete", "same", ["delete", false]],
    ["create", "same", ["create", true]],
  ] as const)
    it(`are ${expected[0]} for a refresh and ${op} beside ${stack} of the stack`, () => {
      const root = { op: stack, urn: urn("pulumi:pulumi:Stack::slipway-qa") };
      const steps = readSteps(root, { op: "refresh", urn: claim }, { op, urn: claim });
      const step = steps.find(({ urn }) => urn === claim);
      assert.deepEqual([step?.op, step?.missing], expected);
    });

  for (const [op, expected] of [
    ["update", ["update"]],
    ["import", ["create"]],
    ["discard", ["delete"]],
    ...["read", "refresh", "remove-pending-replace", "something-new"].map((other) => [other, []] as const),
  ] as const)
    it(`are ${JSON.stringify(expected)} for ${op}`, () => {
      const steps = readSteps({ op, urn: claim, oldState: named("a"), newState: named("a") });
      assert.deepEqual(
        steps.map((step) => step.op),
        expected,
      );
    });
});
