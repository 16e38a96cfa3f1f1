import assert from "node:assert/strict";
import { readPreview } from "../../../commands/preview/read-preview.ts";
import { recorded, textOf } from "../review/recorded.ts";

const read = (json: object) => readPreview(JSON.stringify(json), "file");
const urn = (rest: string) => `urn:pulumi:qa::slipway::${rest}`;
const claim = urn("kubernetes:core/v1:PersistentVolumeClaim::data");
const named = (name: string) => ({ custom: true, inputs: { metadata: { name, namespace: "n" } } });

describe("Reading a preview", () => {
  it("knows the environment by the stack, and by the file where there is no stack in it", () => {
    assert.equal(recorded("port").environment, "review");
    assert.equal(read({ steps: [] }).environment, "file");
  });

  it("takes what is no JSON for the message of a failure", () => {
    const text = "error: no stack named 'qa' found";
    assert.deepEqual(readPreview(text, "qa"), {
      environment: "qa",
      steps: [],
      failures: ["no stack named 'qa' found"],
      unchanged: 0,
      isNew: false,
    });
    assert.deepEqual(readPreview(" \n", "qa").failures, [
      "the preview printed nothing: does pulumi preview --json run?",
    ]);
  });

  it("shows such a message whole, whatever stands in it", () => {
    const text = "\nwarning: this {and} error: that\n";
    assert.deepEqual(readPreview(text, "qa").failures, [
      "the preview printed no JSON: warning: this {and} error: that",
    ]);
  });

  it("shows nothing of JSON that is cut off: what is secret in it can't be told", () => {
    const text = textOf("plain-secrets").replaceAll("[secret]", "swordfish");
    const failure = "the preview's JSON is cut off or damaged: run the preview again, with pulumi preview --json";
    for (const part of [text.slice(0, -2), text.slice(0, 900), `warning: old\n${text.slice(0, 900)}`, text + text])
      assert.deepEqual(readPreview(part, "qa").failures, [failure]);
  });

  it("takes no other JSON for an environment in which nothing changes", () => {
    assert.deepEqual(read({}).failures, [
      "the JSON is no preview, which has one of steps, diagnostics, changeSummary: run pulumi preview --json",
    ]);
    assert.match(read({ version: 3, deployment: {} }).failures[0] ?? "", /^the JSON is no preview/);
    for (const other of ["[]", "null", '"steps"', "7"])
      assert.match(readPreview(other, "qa").failures[0] ?? "", /^the JSON is no preview/);
    for (const part of [{ steps: [] }, { diagnostics: [] }, { changeSummary: { same: 1 } }])
      assert.deepEqual(read(part).failures, []);
  });

  it("says where JSON is not as Pulumi writes it", () => {
    const [failure] = read({ steps: [{ op: "update" }] }).failures;
    assert.match(failure ?? "", /^the preview's JSON is not as Pulumi writes it: steps\.0\.urn: /);
    assert.match(read({ steps: 1 }).failures[0] ?? "", / writes it: steps: /);
  });

  it("reads past what a program prints before the JSON", () => {
    assert.equal(readPreview(`warning: {careful}\n${textOf("port")}`, "file").environment, "review");
  });

  it("gives errors once each, without the engine's own last word, and no warnings", () => {
    const diagnostics = [
      { severity: "warning", message: "warning: old" },
      { severity: "error", message: "error: broken\n" },
      { severity: "error", message: "error: \u001b[31mbroken\u001b[0m\n" },
      { severity: "error", message: "error: preview failed\n" },
    ];
    assert.deepEqual(read({ diagnostics }).failures, ["broken"]);
    assert.deepEqual(read({ diagnostics: diagnostics.slice(3) }).failures, ["preview failed"]);
    assert.deepEqual(read({ diagnostics: diagnostics.slice(0, 1) }).failures, []);
    const last = ["update failed", "the update failed", "update failed badly", "an error: bad"];
    assert.deepEqual(
      read({ diagnostics: last.map((message) => ({ severity: "error", message })) }).failures,
      last.slice(1),
    );
  });

  it("tells a replacement in one step, whether it is told in one or in three", () => {
    for (const name of ["password", "password-steps"]) {
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
        name,
      );
    }
  });

  it("believes the order of the steps more than names", () => {
    const step = (op: string) => ({ op, urn: claim, oldState: named("a"), newState: named("a") });
    const first = (...ops: string[]) => read({ steps: ops.map(step) }).steps.map(({ deleteFirst }) => deleteFirst);
    assert.deepEqual(first("create-replacement", "replace", "delete-replaced"), [false]);
    assert.deepEqual(first("delete-replaced", "replace", "create-replacement"), [true]);
    assert.deepEqual(first("replace"), [true]);
    assert.deepEqual(first("delete-replaced"), [true]);
  });

  it("knows a replacement by any of its steps", () => {
    for (const op of ["replace", "create-replacement", "import-replacement", "delete-replaced"])
      assert.deepEqual(
        read({ steps: [{ op, urn: claim }] }).steps.map(({ op }) => op),
        ["replace"],
      );
    const ordered = ["delete-replaced", "create-replacement"].map((op, place) => ({
      ...{ op, urn: claim, oldState: named("a"), newState: named(`b${place}`) },
    }));
    assert.equal(read({ steps: ordered }).steps[0]?.deleteFirst, true);
    assert.equal(read({ steps: ordered.toReversed() }).steps[0]?.deleteFirst, false);
  });

  it("knows a provider by what it is, and nothing of what is gone", () => {
    const [gone] = read({ steps: [{ op: "delete", urn: claim, oldState: {}, newState: {} }] }).steps;
    assert.deepEqual([gone?.kind, gone?.after], ["PersistentVolumeClaim", undefined]);
    const provider = urn("pulumi:providers:kubernetes::cluster");
    assert.equal(read({ steps: [{ op: "update", urn: provider }] }).steps[0]?.kind, "Provider");
  });

  it("knows by either of two words what has changed: not every provider has both", () => {
    const paths = (of: object) => read({ steps: [{ op: "update", urn: claim, ...of }] }).steps[0]?.changedPaths;
    assert.deepEqual(paths({ detailedDiff: { "data.a": {} }, diffReasons: ["data"] }), ["data.a"]);
    assert.deepEqual(paths({ detailedDiff: null, diffReasons: ["kubeconfig"] }), ["kubeconfig"]);
    assert.deepEqual(paths({}), []);
  });

  it("takes a resource of which little is said for an ordinary one, that nothing protects", () => {
    const [step] = read({ steps: [{ op: "delete", urn: claim, oldState: {} }] }).steps;
    assert.deepEqual(step?.before, {
      ...{ custom: true, inputs: {}, outputs: {}, protect: false, retainOnDelete: false },
    });
  });

  it("takes objects without a name for different ones", () => {
    const state = { custom: true, inputs: {} };
    const [step] = read({ steps: [{ op: "replace", urn: claim, oldState: state, newState: state }] }).steps;
    assert.equal(step?.deleteFirst, false);
  });

  it("calls what a refresh alone has found drift, and what an update would mend by what it does", () => {
    const drift = recorded("plain-drift-alone").steps.map(({ op, kind, name }) => `${op} ${kind} ${name}`);
    assert.deepEqual(drift.sort(), ["drift ConfigMap settings", "drift Deployment all"]);
    const missing = recorded("drift").steps.filter((step) => step.missing);
    assert.deepEqual(
      missing.map(({ op, kind }) => `${op} ${kind}`),
      ["create PodDisruptionBudget"],
    );
    assert.deepEqual(
      recorded("drift-alone")
        .steps.filter((step) => step.missing)
        .map(({ op, kind }) => `${op} ${kind}`),
      ["drift PodDisruptionBudget"],
    );
  });

  it("takes for drift what a refresh has found, not what is planned beside it", () => {
    const of = (op: string, stack: string) =>
      read({
        steps: [
          { op: stack, urn: urn("pulumi:pulumi:Stack::slipway-qa") },
          ...[
            { op: "refresh", urn: claim },
            { op, urn: claim },
          ],
        ],
      }).steps.filter(({ urn }) => urn === claim);
    assert.deepEqual(of("update", "same")[0]?.op, "update");
    const [gone] = of("delete", "refresh");
    assert.deepEqual([gone?.op, gone?.missing], ["drift", true]);
    const [changed] = of("update", "refresh");
    assert.deepEqual([changed?.op, changed?.missing], ["drift", false]);
    assert.deepEqual([of("delete", "same")[0]?.missing, of("create", "same")[0]?.missing], [false, true]);
  });

  it("takes an update for one where nothing was refreshed", () => {
    const state = { custom: true };
    const [step] = read({ steps: [{ op: "update", urn: claim, oldState: state, newState: state }] }).steps;
    assert.equal(step?.op, "update");
  });

  it("leaves out of a new object's name what would be another in the next preview, wherever it stands", () => {
    const metadata = { name: "web-0a1b2c3d", annotations: { "pulumi.com/autonamed": "true" } };
    const secret = { op: "create", urn: urn("t::a"), newState: { inputs: { metadata } } };
    const user = { op: "update", urn: urn("t::user"), oldState: {}, newState: { inputs: { from: "web-0a1b2c3d" } } };
    const own = { op: "create", urn: urn("t::zz"), newState: { inputs: { metadata: { name: "own-0a1b2c3d" } } } };
    assert.deepEqual(
      read({ steps: [secret, user, own] }).steps.map(({ after }) => after?.inputs),
      [{ metadata: { ...metadata, name: "web-…" } }, { from: "web-…" }, { metadata: { name: "own-0a1b2c3d" } }],
    );
    const several = ["a.b-0a1b2c3d", "c-4e5f6a7b", "(-0a1b2c3d", "0a1b2c3d-("].map((name) => ({
      ...{ op: "create", urn: urn(`t::${name}`), newState: { inputs: { metadata: { ...metadata, name } } } },
    }));
    const text = "a.b-0a1b2c3d, c-4e5f6a7b, axb-0a1b2c3d";
    const user2 = { ...user, newState: { inputs: { text } } };
    assert.deepEqual(
      read({ steps: [...several, user2] })
        .steps.filter(({ name }) => name === "user")
        .map(({ after }) => after?.inputs),
      [{ text: "a.b-…, c-…, axb-0a1b2c3d" }],
    );
  });

  it("knows a new environment, and what stays as it is", () => {
    assert.equal(recorded("create").isNew, true);
    const { isNew, unchanged } = recorded("port");
    assert.deepEqual({ isNew, unchanged }, { isNew: false, unchanged: 27 });
  });

  it("leaves out steps that do nothing, and those it does not know", () => {
    const steps = ["read", "refresh", "remove-pending-replace", "something-new"].map((op) => ({ op, urn: claim + op }));
    assert.deepEqual(read({ steps }).steps, []);
  });

  it("counts an import as new, and what is discarded as gone", () => {
    const steps = ["import", "discard"].map((op, place) => ({
      op,
      urn: claim + place,
      oldState: named("a"),
      newState: named("a"),
    }));
    assert.deepEqual(
      read({ steps }).steps.map(({ op }) => op),
      ["create", "delete"],
    );
  });
});
