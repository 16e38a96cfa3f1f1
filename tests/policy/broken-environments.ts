import assert from "node:assert/strict";
import { rules } from "../../policy/rules.ts";
import { rendered } from "../commands/environments/committed.ts";
import { broken, type Judged, judged } from "./rule-tests.ts";

// biome-ignore lint/suspicious/noExplicitAny: resources of any kind, changed at a place that each change knows
export type Anything = any;

/** Changes of an environment's own resources, by the one rule that has to say no to them and by what they are. */
export type Changes = Readonly<Record<string, Readonly<Record<string, (all: Found) => unknown>>>>;

/** An environment's resources, found by kind and name. */
export class Found {
  readonly all: Judged[];

  constructor(all: Judged[]) {
    this.all = all;
  }

  one(title: string): Anything {
    const [kind, name] = title.split(" ");
    const found = this.all.filter((each) => each.type.split(":").at(-1) === kind && each.name === name);
    assert.equal(found.length, 1, title);
    return found[0];
  }

  pod(title: string): Anything {
    const { spec } = this.one(title).props;
    return (spec.jobTemplate?.spec ?? spec).template.spec;
  }

  container = (title: string): Anything => this.pod(title).containers[0];
}

/** A test for each change of an environment: one rule refuses it, and no other. */
export function refused(stack: string, changes: Changes): void {
  for (const [rule, all] of Object.entries(changes))
    for (const [what, change] of Object.entries(all))
      it(`to ${what} is refused by ${rule}, and by no other rule`, async () => {
        const resources = new Found(judged(await rendered(stack)));
        change(resources);
        assert.deepEqual(await broken([...rules], resources.all), [rule]);
      });
}
