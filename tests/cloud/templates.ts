import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { parse } from "yaml";

// biome-ignore lint/suspicious/noExplicitAny: templates, edited at places that each test knows
export type Anything = any;

/** The resources of a template. */
const template = (name: string): Anything => parse(readFileSync(`cloud/${name}.yaml`, "utf8")).Resources;

/** The statement of that Sid, in any policy of a template. */
export const statement = (resources: Anything, sid: string): Anything =>
  Object.values<Anything>(resources)
    .flatMap(({ Properties: { PolicyDocument, KeyPolicy } }) => (PolicyDocument ?? KeyPolicy)?.Statement ?? [])
    .find(({ Sid }) => Sid === sid);

/** A promise about a template, and edits each of which breaks it. */
export type Promised = [promise: string, holds: (all: Anything) => boolean, ...breaks: ((all: Anything) => void)[]];

/** Whether two parts of a template say the same. */
export const same = (a: unknown, b: unknown): boolean => isDeepStrictEqual(a, b);
/** What CloudFormation fills in. */
export const sub = (text: string) => ({ "Fn::Sub": text });

/** What it takes to use the key of the state. */
export const useOfKey = ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"];

/** Sees each promise kept by the template, and not by the template after each of its edits. */
export function keeps(name: string, promises: readonly Promised[]): void {
  for (const [promise, holds, ...breaks] of promises)
    it(`promises that ${promise}, and this would see it go`, () => {
      const committed = template(name);
      assert.equal(Boolean(holds(committed)), true);
      for (const broken of breaks) {
        const resources = structuredClone(committed);
        broken(resources);
        assert.equal(Boolean(holds(resources)), false, String(broken));
      }
    });
}
