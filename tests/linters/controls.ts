import assert from "node:assert/strict";
import type { Linter } from "./lint.ts";
import { type Anything, containers, idOf, objectsOf, one, pods, unwaived } from "./objects.ts";

/** Control that a test removes from prod's objects, and the expected finding. */
export interface Control {
  /** Name of the control, after "requires". */
  readonly what: string;
  readonly remove: (objects: Anything[]) => void;
  /** Matches the rule and message of the finding. */
  readonly expect: RegExp;
  /** Matches the objects with the finding. @default every object that makes a pod */
  readonly objects?: RegExp;
}

/** Changes the only object of a kind, or of a kind and name. */
export const edit = (kind: string, change: (object: Anything) => void, name?: string) => (objects: Anything[]) =>
  change(one(objects, kind, name));
/** Changes every pod. */
export const eachPod = (change: (spec: Anything) => void) => (objects: Anything[]) => {
  for (const { spec } of pods(objects)) change(spec);
};
/** Changes every container. */
export const eachContainer = (change: (container: Anything) => void) => (objects: Anything[]) => {
  for (const container of containers(objects)) change(container);
};

/** Tests for each control that the linter has findings when it is removed from prod's objects. */
export function requiresControls(linter: Linter, controls: Control[]): void {
  for (const { what, remove, expect, objects } of controls) {
    it(`requires ${what}`, async () => {
      const changed = await objectsOf("prod");
      remove(changed);
      const findings = await unwaived(linter, changed);
      const makers = pods(changed).map(({ id }) => id);
      const concerned = objects ? changed.map(idOf).filter((id) => objects.test(id)) : makers;
      assert.ok(concerned.length > 0);
      for (const id of concerned)
        assert.ok(
          findings.some(({ object, check, detail }) => object === id && expect.test(`${check} ${detail}`)),
          `${expect} of ${id} is not in:\n${findings.map((each) => JSON.stringify(each)).join("\n")}`,
        );
    });
  }
}
