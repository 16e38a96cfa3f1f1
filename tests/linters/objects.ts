import assert from "node:assert/strict";
import type { Fields } from "../../commands/cli/fields.ts";
import { manifests } from "../../commands/environments/render.ts";
import { rendered } from "../commands/environments/committed.ts";
import type { Finding, Linter } from "./lint.ts";
import { waiverFor } from "./waivers.ts";

// biome-ignore lint/suspicious/noExplicitAny: objects of any kind, edited at a place that each test knows
export type Anything = any;

/** A pod of an environment, with the object that makes it. */
export interface Pod {
  /** `KIND NAME` of that object. */
  readonly id: string;
  readonly labels: Record<string, string>;
  readonly spec: Anything;
}

/** The Kubernetes objects of an environment, for the caller to change. */
export const objectsOf = async (stack: string): Promise<Anything[]> =>
  structuredClone(manifests(await rendered(stack)));

export const idOf = ({ kind, metadata }: Anything): string => `${kind} ${metadata.name}`;

/** Every pod that the objects make. */
export const pods = (objects: Anything[]): Pod[] =>
  objects.flatMap((object) => {
    const template = object.spec?.jobTemplate?.spec.template ?? object.spec?.template;
    // A pool of nodes has a template too: of nodes.
    return template?.spec.containers
      ? [{ id: idOf(object), labels: template.metadata?.labels ?? {}, spec: template.spec }]
      : [];
  });

/** Every container of theirs. */
export const containers = (objects: Anything[]): Anything[] => pods(objects).flatMap(({ spec }) => spec.containers);

/** The one object of a kind, by its name where there are several. */
export function one(objects: Anything[], kind: string, name?: string): Anything {
  const found = objects.filter((each) => each.kind === kind && (name === undefined || each.metadata.name === name));
  assert.equal(found.length, 1, `${kind} ${name}`);
  return found[0];
}

/** Takes objects out. */
export function drop(objects: Anything[], unwanted: (object: Anything) => boolean): void {
  for (const object of objects.filter(unwanted)) objects.splice(objects.indexOf(object), 1);
}

/** What a linter says that no waiver lets pass. */
export const red = async (linter: Linter, objects: Fields[]): Promise<Finding[]> =>
  (await linter(objects)).filter((finding) => !waiverFor(finding));
