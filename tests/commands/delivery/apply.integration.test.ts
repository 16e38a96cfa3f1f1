import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { apply, readRequest } from "../../../commands/delivery/apply.ts";
import { UserError } from "../../../settings/user-error.ts";
import { SimulatedPrograms } from "./simulated-programs.ts";

const urn = (name: string, stack = "prod") => `urn:pulumi:${stack}::slipway::kubernetes:apps/v1:Deployment::${name}`;
const state = (spec: object, name = "web") => ({ inputs: { metadata: { name }, spec } });
const update = (before: object, after: object) => ({
  op: "update",
  urn: urn("web"),
  oldState: state(before),
  newState: state(after),
});
const json = (...steps: object[]) => JSON.stringify({ steps });
const made = (suffix: string) => ({
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

  /** Applies with a reviewed preview, where the fresh one and the update come out like this. */
  const tried = (reviewed: string, fresh: string, code = 0) => {
    programs.program("pulumi", [
      { when: "preview*", print: fresh },
      { when: "up*", code },
    ]);
    return apply({ stack: "prod", reviewed: programs.file("prod.json", reviewed) });
  };
  const ups = () => programs.calls("pulumi").filter(({ args }) => args[0] === "up");

  it("updates the stack where the preview is still the reviewed one, held to its plan", async () => {
    const same = json(update({ replicas: 2 }, { replicas: 4 }));
    assert.equal(await tried(same, same), 0);
    const [preview, up] = programs.calls("pulumi").map(({ args }) => args);
    const plan = preview?.[preview.indexOf("--save-plan") + 1] ?? "none";
    const held = ["--stack", "prod", "--plan", plan, "--policy-pack", resolve("policy")];
    assert.deepEqual(up, ["up", "--yes", "--skip-preview", "--non-interactive", ...held]);
    assert.equal(existsSync(dirname(plan)), false, "the plan is removed");
  });

  it("ends as the update does", async () => {
    assert.equal(await tried(json(), json(), 7), 7);
  });

  it("tells resources of one kind and name apart by what they are part of", async () => {
    const part = (parent: string, to: object) => ({
      ...update({ a: 1 }, to),
      urn: urn("web").replace("slipway::", `slipway::component:${parent}$`),
    });
    const reviewed = json(part("one", { a: 2 }), part("two", { a: 3 }));
    await assert.rejects(tried(reviewed, json(part("one", { a: 9 }), part("two", { a: 3 }))), /spec\.a: 9/);
    assert.deepEqual(ups(), []);
    assert.equal(await tried(reviewed, reviewed), 0);
  });

  it("takes no made-up name for a difference", async () => {
    await tried(json(made("0a1b2c3d")), json(made("ffffffff")));
    assert.equal(ups().length, 1);
    const replaced = (suffix: string) => {
      const user = update({ from: "job-11111111" }, { from: `job-${suffix}` });
      return json({ ...made(suffix), op: "replace", oldState: made("11111111").newState }, user);
    };
    await tried(replaced("0a1b2c3d"), replaced("ffffffff"));
    assert.equal(ups().length, 2);
    const own = (name: string) => json({ ...made("x"), newState: { inputs: { metadata: { name } } } });
    await assert.rejects(tried(own("job-0a1b2c3d"), own("job-ffffffff")), /Job|job/);
  });

  const long = "x".repeat(900);
  const different: [what: string, reviewed: object[], fresh: object[], says: RegExp][] = [
    [
      "another value",
      [update({ replicas: 2 }, { replicas: 4 })],
      [update({ replicas: 2 }, { replicas: 5 })],
      /Deployment web:\n.*reviewed: update; \+ spec\.replicas: 4\n.*now: +update; \+ spec\.replicas: 5/,
    ],
    [
      "another value before",
      [update({ replicas: 2 }, { replicas: 4 })],
      [update({ replicas: 3 }, { replicas: 4 })],
      /reviewed: update; - spec\.replicas: 2\n.*now: +update; - spec\.replicas: 3/,
    ],
    [
      "a field more",
      [update({ a: 1 }, { a: 2 })],
      [update({ a: 1, b: 1 }, { a: 2, b: 2 })],
      /now: +update; - spec\.b: 1; \+ spec\.b: 2/,
    ],
    [
      "a change that was not reviewed",
      [],
      [update({ a: 1 }, { a: 2 })],
      /Deployment web: not in the review; now update; - spec\.a: 1/,
    ],
    ["a reviewed change that is done already", [update({ a: 1 }, { a: 2 })], [], /reviewed was update;.*now nothing/],
    [
      "a replacement instead of an update",
      [update({ a: 1 }, { a: 2 })],
      [{ ...update({ a: 1 }, { a: 2 }), op: "replace" }],
      /Deployment web:\n.*reviewed: update\n.*now: +replace/,
    ],
    [
      "a new resource that is another one",
      [{ op: "create", urn: urn("new"), newState: state({ a: 1 }, "new") }],
      [{ op: "create", urn: urn("new"), newState: state({ a: 2 }, "new") }],
      /Deployment new:\n.*reviewed: create; \+ a: 1\n.*now: +create; \+ a: 2/,
    ],
    [
      "something else to delete",
      [{ op: "delete", urn: urn("old"), oldState: state({ a: 1 }, "old") }],
      [{ op: "delete", urn: urn("old"), oldState: state({ a: 2 }, "old") }],
      /Deployment old:\n.*reviewed: delete; - a: 1\n.*now: +delete; - a: 2/,
    ],
    [
      "a long list of changes, in the order of names",
      [],
      [
        { op: "create", urn: urn("z"), newState: { inputs: { z: 1 } } },
        {
          op: "create",
          urn: urn("b"),
          newState: { inputs: Object.fromEntries([..."abcdefgh"].map((key) => [key, 1])) },
        },
      ],
      /Deployment b: not in the review; now create; \+ a: 1; (\+ [b-f]: 1; ){5}2 more\n.*Deployment z: .* \+ z: 1\n/,
    ],
    [
      "another option that keeps data",
      [{ ...update({ a: 1 }, { a: 2 }), newState: { ...state({ a: 2 }), protect: true } }],
      [update({ a: 1 }, { a: 2 })],
      /reviewed: update; - protect: false; \+ protect: true\n/,
    ],
    [
      "a difference behind what is shown",
      [update({ a: 1 }, { a: `${long}1` })],
      [update({ a: 1 }, { a: `${long}2` })],
      /Deployment web: differs in a value that is too long to show/,
    ],
  ];
  for (const [what, reviewed, fresh, says] of different) {
    it(`changes nothing where there is ${what}, and says in what it differs`, async () => {
      await assert.rejects(tried(json(...reviewed), json(...fresh)), (error: Error) => {
        assert.match(error.message, /^prod would not get what was reviewed; nothing was changed\./);
        assert.match(error.message, says);
        return error instanceof UserError;
      });
      assert.deepEqual(ups(), []);
    });
  }

  it("shows no secret in a difference", async () => {
    const secret = (value: string) => ({
      "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
      value,
    });
    const fresh = json(update({ a: secret("old-hunter") }, { a: secret("new-hunter"), b: "new-hunter" }));
    await assert.rejects(
      tried(json(), fresh),
      ({ message }: Error) => !/hunter/.test(message) && /\[secret\]/.test(message),
    );
  });

  it("changes nothing where the fresh preview fails, or the reviewed one did", async () => {
    const failed = JSON.stringify({ diagnostics: [{ severity: "error", message: "no such cluster" }] });
    await assert.rejects(tried(json(), failed), /The preview of prod fails; nothing was changed\.\nno such cluster/);
    await assert.rejects(
      tried(failed, json()),
      /the reviewed preview failed, so nothing was reviewed\.\nno such cluster/,
    );
    assert.deepEqual(ups(), []);
  });

  it("takes no preview of another stack", async () => {
    const other = json({ ...update({ a: 1 }, { a: 2 }), urn: urn("web", "staging") });
    await assert.rejects(tried(other, other), /is a preview of staging, not of prod; nothing was changed/);
  });

  it("says what is missing, and how it is called", async () => {
    const cases: [string[], RegExp][] = [
      [[], /-s is missing/],
      [["-s", "prod"], /--reviewed is missing: the reviewed preview of prod; nothing was changed/],
      [["--force"], /--force/],
    ];
    for (const [args, says] of cases)
      assert.throws(
        () => readRequest(args),
        ({ message }: Error) => says.test(message) && /npm run apply -- -s STACK/.test(message),
      );
    await assert.rejects(apply(readRequest(["-s", "prod", "--reviewed", "none.json"])), /none\.json can't be read/);
  });
});
