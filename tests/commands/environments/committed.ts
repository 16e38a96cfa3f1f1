import assert from "node:assert/strict";
import { type Resource, render } from "../../../commands/environments/render.ts";
import { type StackFile, stackFiles } from "../../../settings/stack-files.ts";

/** Committed files of all environments. */
export const files: StackFile[] = stackFiles();

/** Committed file of an environment. */
export function fileOf(stack: string): StackFile {
  const file = files.find((each) => each.stack === stack);
  assert.ok(file, stack);
  return file;
}

const cache = new Map<string, Promise<Resource[]>>();

/** Renders a committed environment once for all tests; callers must not change the resources. */
export function rendered(stack: string): Promise<Resource[]> {
  const resources = cache.get(stack) ?? render(fileOf(stack), files);
  cache.set(stack, resources);
  return resources;
}
