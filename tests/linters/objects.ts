import assert from "node:assert/strict";
import type { Fields } from "../../commands/cli/fields.ts";
import { manifests } from "../../commands/environments/render.ts";
import { podTemplateOf } from "../../commands/preview/manifest.ts";
import { rendered } from "../commands/environments/committed.ts";
import type { Finding, Linter } from "./lint.ts";
import { waiverFor } from "./waivers.ts";

// biome-ignore lint/suspicious/noExplicitAny: objects of any kind
export type Anything = any;

/** Pod template of an environment. */
export interface Pod {
  /** `KIND NAME` of the object with the template. */
  readonly id: string;
  readonly labels: Record<string, string>;
  readonly spec: Anything;
}

/** Kubernetes objects of an environment, which the caller may change. */
export const objectsOf = async (stack: string): Promise<Anything[]> =>
  structuredClone(manifests(await rendered(stack)));

export const idOf = ({ kind, metadata }: Anything): string => `${kind} ${metadata.name}`;

/** Pod templates of objects. */
export const pods = (objects: Anything[]): Pod[] =>
  objects.flatMap((object) => {
    const template = podTemplateOf(object.kind, object);
    // A node pool has a template without containers.
    return template?.spec.containers
      ? [{ id: idOf(object), labels: template.metadata?.labels ?? {}, spec: template.spec }]
      : [];
  });

/** Containers in the pod templates of objects. */
export const containers = (objects: Anything[]): Anything[] => pods(objects).flatMap(({ spec }) => spec.containers);

/** Only object of a kind, or of a kind and name. @throws AssertionError if there are none or several */
export function one(objects: Anything[], kind: string, name?: string): Anything {
  const matches = objects.filter((each) => each.kind === kind && (name === undefined || each.metadata.name === name));
  assert.equal(matches.length, 1, `${kind} ${name}`);
  return matches[0];
}

/** Removes objects. */
export function drop(objects: Anything[], unwanted: (object: Anything) => boolean): void {
  for (const object of objects.filter(unwanted)) objects.splice(objects.indexOf(object), 1);
}

/** Findings of a linter without a waiver. */
export const unwaived = async (linter: Linter, objects: Fields[]): Promise<Finding[]> =>
  (await linter(objects)).filter((finding) => !waiverFor(finding));
