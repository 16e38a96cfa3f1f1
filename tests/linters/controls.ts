import assert from "node:assert/strict";
import type { Linter } from "./lint.ts";
import { type Anything, containers, idOf, objectsOf, pods, red } from "./objects.ts";

/** A control that is taken out of prod's objects, and what a linter has to say to that. */
export interface Control {
  readonly what: string;
  readonly remove: (objects: Anything[]) => void;
  /** The linter's rule, and what it says. */
  readonly expect: RegExp;
  /** Where: default every pod. */
  readonly objects?: RegExp;
}

/** Changes every pod. */
export const eachPod = (edit: (spec: Anything) => void) => (objects: Anything[]) => {
  for (const { spec } of pods(objects)) edit(spec);
};
/** Changes every container. */
export const eachContainer = (edit: (container: Anything) => void) => (objects: Anything[]) => {
  for (const container of containers(objects)) edit(container);
};

/** For each control a test that takes it out of prod's objects and sees the linter turn red. */
export function turnsRed(linter: Linter, controls: Control[]): void {
  for (const { what, remove, expect, objects } of controls) {
    it(`wants ${what}`, async () => {
      const changed = await objectsOf("prod");
      remove(changed);
      const found = await red(linter, changed);
      const makers = pods(changed).map(({ id }) => id);
      const concerned = objects ? changed.map(idOf).filter((id) => objects.test(id)) : makers;
      assert.ok(concerned.length > 0);
      for (const id of concerned)
        assert.ok(
          found.some(({ object, check, detail }) => object === id && expect.test(`${check} ${detail}`)),
          `${expect} of ${id} is not in:\n${found.map((each) => JSON.stringify(each)).join("\n")}`,
        );
    });
  }
}
