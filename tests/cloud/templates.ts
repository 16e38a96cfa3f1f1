import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { parse } from "yaml";

// biome-ignore lint/suspicious/noExplicitAny: parts of templates
export type Anything = any;

/** Resources of a template. */
const template = (name: string): Anything => parse(readFileSync(`cloud/${name}.yaml`, "utf8")).Resources;

/** Finds a statement in the policies of a template. */
export const statement = (resources: Anything, sid: string): Anything =>
  Object.values<Anything>(resources)
    .flatMap(({ Properties: { PolicyDocument, KeyPolicy } }) => (PolicyDocument ?? KeyPolicy)?.Statement ?? [])
    .find(({ Sid }) => Sid === sid);

/** Promise about a template, and changes of which each breaks it. */
export type TemplatePromise = [
  promise: string,
  holds: (all: Anything) => boolean,
  ...breaks: ((all: Anything) => void)[],
];

export const same = (a: unknown, b: unknown): boolean => isDeepStrictEqual(a, b);
/** Text with parameters that CloudFormation replaces. */
export const sub = (text: string) => ({ "Fn::Sub": text });

/** Statement that allows actions. @param more its resource, and other fields */
export const allow = (Sid: string | undefined, Action: unknown, more: object) => ({
  ...(Sid && { Sid }),
  Effect: "Allow",
  Action,
  ...more,
});

/** Actions of those who use the key of the state. */
export const useOfKey = ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"];

/** Tests that a template keeps each promise, and does not after each of its changes. */
export function testPromises(name: string, promises: readonly TemplatePromise[]): void {
  for (const [promise, holds, ...breaks] of promises)
    it(promise, () => {
      const committed = template(name);
      assert.equal(Boolean(holds(committed)), true);
      for (const broken of breaks) {
        const resources = structuredClone(committed);
        broken(resources);
        assert.equal(Boolean(holds(resources)), false, String(broken));
      }
    });
}
