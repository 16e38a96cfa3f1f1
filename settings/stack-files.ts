import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

/** A committed stack file: the settings of one environment. */
export interface StackFile {
  readonly stack: string;
  readonly path: string;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: unchecked settings; the program checks them
  readonly config: Record<string, any>;
}

/**
 * Reads every `Pulumi.STACK.yaml` of a folder, in the order in which a release passes through them: builds without a
 * release name first, then named builds, then each stack after the one that it promotes from.
 */
export function stackFiles(folder = "."): StackFile[] {
  const files = readdirSync(folder).flatMap((name) => {
    const [, stack] = /^Pulumi\.(.+)\.yaml$/.exec(name) ?? [];
    if (!stack) return [];
    const path = join(folder, name);
    const text = readFileSync(path, "utf8");
    return [{ stack, path, text, config: parse(text)?.config ?? {} }];
  });
  const steps = new Map(files.map((file) => [file.stack, stepsBefore(file, files)]));
  const stepsOf = ({ stack }: StackFile) => steps.get(stack) ?? 0;
  return files.sort((a, b) => stepsOf(a) - stepsOf(b) || a.stack.localeCompare(b.stack));
}

/** The stack that this one promotes from. @returns undefined for a stack that builds */
export const previousOf = ({ config }: StackFile): string | undefined => config["slipway:release"]?.promoteFrom;

function stepsBefore(file: StackFile, all: StackFile[], visited: string[] = []): number {
  const previous = previousOf(file);
  if (previous === undefined) return file.config["slipway:release"]?.name ? 1 : 0;
  const before = all.find(({ stack }) => stack === previous);
  return before && !visited.includes(previous) ? 1 + stepsBefore(before, all, [...visited, previous]) : 2;
}
