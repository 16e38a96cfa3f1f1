import { readFileSync, writeFileSync } from "node:fs";
import { newestFirst, nextAfter, type Verified } from "../../components/release/verified.ts";
import { readSource } from "../../image/source.ts";
import { checkSettings } from "../../settings/load.ts";
import type { StackFile } from "../../settings/stack-files.ts";
import { engineConfig } from "../environments/render.ts";
import { withRelease } from "../releases/promote.ts";

/**
 * The name under which what a stack builds is previewed; a merge gives it one that is not known yet. The newest verified
 * release stands for its own source; other source, which can't have a name that was given, has the next number.
 *
 * @returns undefined where the file's own name will do: the stack promotes, names no release, or has verified none
 */
export async function previewName(file: StackFile, verified: Verified): Promise<string | undefined> {
  const [newest] = newestFirst(verified);
  if (newest === undefined || !file.config["slipway:release"]?.name) return undefined;
  const { config, encrypted } = engineConfig(file);
  const { build, source } = checkSettings(config, encrypted).settings?.release ?? {};
  if (!build) return undefined;
  const { content } = await readSource(build, source, {}, file.stack);
  return verified[newest]?.key === content.key ? newest : nextAfter(newest);
}

/** Works while a stack file names another release, and puts the file back. */
export async function named<T>(file: StackFile, name: string | undefined, work: () => Promise<T>): Promise<T> {
  if (name === undefined) return work();
  const before = readFileSync(file.path, "utf8");
  try {
    writeFileSync(file.path, withRelease(before, name));
    return await work();
  } finally {
    writeFileSync(file.path, before);
  }
}
