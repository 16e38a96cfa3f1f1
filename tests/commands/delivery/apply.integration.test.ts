import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { apply } from "../../../commands/delivery/apply.ts";
import { SimulatedPrograms } from "./simulated-programs.ts";
import { userError } from "./user-error.ts";

const urn = (name: string, stack = "prod") => `urn:pulumi:${stack}::slipway::kubernetes:apps/v1:Deployment::${name}`;
const state = (spec: object, name = "web") => ({ inputs: { metadata: { name }, spec } });
const update = (before: object, after: object) => ({
  op: "update",
  urn: urn("web"),
  oldState: state(before),
  newState: state(after),
});
const json = (...steps: object[]) => JSON.stringify({ steps });
const autonamed = (suffix: string) => ({
  op: "create",
  urn: urn("job"),
  newState: { inputs: { metadata: { name: `job-${suffix}`, annotations: { "pulumi.com/autonamed": "true" } } } },
});

describe("npm run apply", () => {
  let programs: SimulatedPrograms;
  beforeEach(() => {
    programs = new SimulatedPrograms();
  });
  afterEach(() => programs.remove());

  /** Applies a reviewed preview; the fresh preview and the exit code of the update are given. */
  const applyReviewed = (reviewed: string, fresh: string, code = 0) => {
    programs.program("pulumi", [
      { when: "preview*", print: fresh },
      { when: "up*", code },
    ]);
    return apply("prod", programs.file("prod.json", reviewed));
  };
  const updates = () => programs.calls("pulumi").filter(({ args }) => args[0] === "up");

  it("updates the stack by the plan of a fresh preview that matches the reviewed one", async () => {
    const same = json(update({ replicas: 2 }, { replicas: 4 }));
    assert.equal(await applyReviewed(same, same), 0);
    const [preview, up] = programs.calls("pulumi").map(({ args }) => args);
    const plan = preview?.[preview.indexOf("--save-plan") + 1] ?? "none";
    const options = ["--stack", "prod", "--plan", plan, "--policy-pack", resolve("policy")];
    assert.deepEqual(up, ["up", "--yes", "--skip-preview", "--non-interactive", ...options]);
    assert.equal(existsSync(dirname(plan)), false, "the plan is deleted");
  });

  it("returns the exit code of the update", async () => {
    assert.equal(await applyReviewed(json(), json(), 7), 7);
  });

  it("distinguishes resources of the same type and name by their parents", async () => {
    const child = (parent: string, to: object) => ({
      ...update({ a: 1 }, to),
      urn: urn("web").replace("slipway::", `slipway::component:${parent}$`),
    });
    const reviewed = json(child("one", { a: 2 }), child("two", { a: 3 }));
    const message = await userError(applyReviewed(reviewed, json(child("one", { a: 9 }), child("two", { a: 3 }))));
    assert.match(message, /spec\.a: 9/);
    assert.equal(await applyReviewed(reviewed, reviewed), 0);
  });

  it("ignores differences in generated names", async () => {
    await applyReviewed(json(autonamed("0a1b2c3d")), json(autonamed("ffffffff")));
    const replaced = (suffix: string) => {
      const user = update({ from: "job-11111111" }, { from: `job-${suffix}` });
      return json({ ...autonamed(suffix), op: "replace", oldState: autonamed("11111111").newState }, user);
    };
    await applyReviewed(replaced("0a1b2c3d"), replaced("ffffffff"));
    assert.equal(updates().length, 2);
    const given = (name: string) => json({ ...autonamed("x"), newState: { inputs: { metadata: { name } } } });
    await userError(applyReviewed(given("job-0a1b2c3d"), given("job-ffffffff")));
  });

  const long = "x".repeat(900);
  const create = (name: string, spec: object) => ({ op: "create", urn: urn(name), newState: state(spec, name) });
  const remove = (spec: object) => ({ op: "delete", urn: urn("old"), oldState: state(spec, "old") });
  const eight = Object.fromEntries([..."abcdefgh"].map((key) => [key, 1]));
  const differences: [what: string, reviewed: object[], fresh: object[], says: RegExp][] = [
    [
      "a new value differs",
      [update({ replicas: 2 }, { replicas: 4 })],
      [update({ replicas: 2 }, { replicas: 5 })],
      /Deployment web:\n.*reviewed: update; \+ spec\.replicas: 4\n.*now: +update; \+ spec\.replicas: 5/,
    ],
    [
      "an old value differs",
      [update({ replicas: 2 }, { replicas: 4 })],
      [update({ replicas: 3 }, { replicas: 4 })],
      /reviewed: update; - spec\.replicas: 2\n.*now: +update; - spec\.replicas: 3/,
    ],
    [
      "a field was added",
      [update({ a: 1 }, { a: 2 })],
      [update({ a: 1, b: 1 }, { a: 2, b: 2 })],
      /now: +update; - spec\.b: 1; \+ spec\.b: 2/,
    ],
    [
      "a change was not reviewed",
      [],
      [update({ a: 1 }, { a: 2 })],
      /Deployment web: not in the review; now update; - spec\.a: 1/,
    ],
    ["a reviewed change is done already", [update({ a: 1 }, { a: 2 })], [], /reviewed was update;.*now nothing/],
    [
      "an update became a replacement",
      [update({ a: 1 }, { a: 2 })],
      [{ ...update({ a: 1 }, { a: 2 }), op: "replace" }],
      /Deployment web:\n.*reviewed: update\n.*now: +replace/,
    ],
    [
      "a new resource differs",
      [create("new", { a: 1 })],
      [create("new", { a: 2 })],
      /Deployment new:\n.*reviewed: create; \+ a: 1\n.*now: +create; \+ a: 2/,
    ],
    [
      "a resource to delete differs",
      [remove({ a: 1 })],
      [remove({ a: 2 })],
      /Deployment old:\n.*reviewed: delete; - a: 1\n.*now: +delete; - a: 2/,
    ],
    [
      "many changes were not reviewed, in the order of their names",
      [],
      [
        { op: "create", urn: urn("z"), newState: { inputs: { z: 1 } } },
        { op: "create", urn: urn("b"), newState: { inputs: eight } },
      ],
      /Deployment b: not in the review; now create; \+ a: 1; (\+ [b-f]: 1; ){5}2 more\n.*Deployment z: .* \+ z: 1\n/,
    ],
    [
      "an option that keeps data differs",
      [{ ...update({ a: 1 }, { a: 2 }), newState: { ...state({ a: 2 }), protect: true } }],
      [update({ a: 1 }, { a: 2 })],
      /reviewed: update; - protect: false; \+ protect: true\n/,
    ],
    [
      "a difference is behind the shown part of a value",
      [update({ a: 1 }, { a: `${long}1` })],
      [update({ a: 1 }, { a: `${long}2` })],
      /Deployment web: differs in a value that is too long to show/,
    ],
  ];
  for (const [what, reviewed, fresh, says] of differences)
    it(`changes nothing if ${what}, and shows the difference`, async () => {
      const message = await userError(applyReviewed(json(...reviewed), json(...fresh)));
      assert.match(message, /^The plan for prod differs from the reviewed one; nothing was changed\./);
      assert.match(message, says);
      assert.deepEqual(updates(), []);
    });

  it("shows no secret in a difference", async () => {
    const secret = (value: string) => ({
      "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
      value,
    });
    const fresh = json(update({ a: secret("old-hunter") }, { a: secret("new-hunter"), b: "new-hunter" }));
    const message = await userError(applyReviewed(json(), fresh));
    assert.match(message, /\[secret\]/);
    assert.doesNotMatch(message, /hunter/);
  });

  it("changes nothing if the fresh or the reviewed preview failed", async () => {
    const failed = JSON.stringify({ diagnostics: [{ severity: "error", message: "no such cluster" }] });
    const fresh = await userError(applyReviewed(json(), failed));
    assert.match(fresh, /The preview of prod fails; nothing was changed\.\nno such cluster/);
    const reviewed = await userError(applyReviewed(failed, json()));
    assert.match(reviewed, /the reviewed preview failed, so nothing was reviewed\.\nno such cluster/);
    assert.deepEqual(updates(), []);
  });

  it("refuses a preview of another stack", async () => {
    const other = json({ ...update({ a: 1 }, { a: 2 }), urn: urn("web", "staging") });
    const message = await userError(applyReviewed(other, other));
    assert.match(message, /is a preview of staging, not of prod; nothing was changed/);
  });

  it("says if the reviewed preview cannot be read", async () => {
    assert.match(await userError(apply("prod", "none.json")), /none\.json can't be read/);
  });
});
