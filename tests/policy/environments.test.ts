import assert from "node:assert/strict";
import { rules } from "../../policy/rules.ts";
import { files, rendered } from "../review/committed.ts";
import { judged, violations } from "./judge.ts";

describe("The policy pack", () => {
  for (const { stack } of files)
    it(`has nothing against ${stack}`, async () => {
      const resources = judged(await rendered(stack));
      for (const rule of rules) assert.deepEqual(await violations(rule, resources), [], rule.name);
    });
});
