import assert from "node:assert/strict";
import { rules } from "../../policy/rules.ts";
import { files, rendered } from "../commands/environments/committed.ts";
import { refused } from "./broken-environments.ts";
import { toPods } from "./pod-changes.ts";
import { toProd, toTest } from "./resource-changes.ts";
import { judged, violations } from "./rule-tests.ts";

describe("The policy pack", () => {
  for (const { stack } of files)
    it(`has nothing against ${stack}`, async () => {
      const resources = judged(await rendered(stack));
      for (const rule of rules) assert.deepEqual(await violations(rule, resources), [], rule.name);
    });

  it("is tried, rule by rule, on changes of what the environments really have", () => {
    const tried = new Set([toPods, toProd, toTest].flatMap((changes) => Object.keys(changes)));
    assert.deepEqual(
      rules.map(({ name }) => name).filter((name) => !tried.has(name)),
      [],
    );
  });
});

describe("A change of an environment", () => {
  refused("prod", toPods);
  refused("prod", toProd);
  refused("test", toTest);
});
