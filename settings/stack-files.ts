import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

/** An environment, as its committed stack file describes it. */
export interface StackFile {
  readonly stack: string;
  readonly path: string;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: settings as they stand; the program checks them
  readonly config: Record<string, any>;
}

/**
 * Every `Pulumi.STACK.yaml` of a folder, in the order in which a release passes through them: each stack behind the one
 * that it promotes from, and what builds without naming a release before what names one.
 */
export function stackFiles(folder = "."): StackFile[] {
  const found = readdirSync(folder).flatMap((name) => {
    const [, stack] = /^Pulumi\.(.+)\.yaml$/.exec(name) ?? [];
    if (!stack) return [];
    const path = join(folder, name);
    const text = readFileSync(path, "utf8");
    return [{ stack, path, text, config: parse(text)?.config ?? {} }];
  });
  const places = new Map(found.map((file) => [file.stack, place(file, found)]));
  const placeOf = ({ stack }: StackFile) => places.get(stack) ?? 0;
  return found.sort((a, b) => placeOf(a) - placeOf(b) || a.stack.localeCompare(b.stack));
}

/** The stack that this one promotes from; undefined where it builds. */
export const previousOf = ({ config }: StackFile): string | undefined => config["slipway:release"]?.promoteFrom;

/** How many steps a release has behind it there. */
function place(file: StackFile, all: StackFile[], passed: string[] = []): number {
  const previous = previousOf(file);
  if (previous === undefined) return config(file).name ? 1 : 0;
  const before = all.find(({ stack }) => stack === previous);
  return before && !passed.includes(previous) ? 1 + place(before, all, [...passed, previous]) : 2;
}

const config = (file: StackFile) => file.config["slipway:release"] ?? {};
