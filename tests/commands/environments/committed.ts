import assert from "node:assert/strict";
import { type Resource, render } from "../../../commands/environments/render.ts";
import { type StackFile, stackFiles } from "../../../settings/stack-files.ts";

/** The committed files of all environments. */
export const files: StackFile[] = stackFiles();

/** An environment's committed file. */
export function fileOf(stack: string): StackFile {
  const file = files.find((each) => each.stack === stack);
  assert.ok(file, stack);
  return file;
}

const known = new Map<string, Promise<Resource[]>>();

/** An environment as its committed file has it, rendered once for all tests: not for the caller to change. */
export function rendered(stack: string): Promise<Resource[]> {
  const resources = known.get(stack) ?? render(fileOf(stack), files);
  known.set(stack, resources);
  return resources;
}
