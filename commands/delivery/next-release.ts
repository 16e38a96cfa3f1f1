import { readFileSync, writeFileSync } from "node:fs";
import { newestFirst, nextAfter, type Verified } from "../../components/release/verified.ts";
import { readSource } from "../../image/source.ts";
import { checkSettings } from "../../settings/load.ts";
import type { StackFile } from "../../settings/stack-files.ts";
import { engineConfig } from "../environments/render.ts";
import { writeRelease } from "../releases/promote.ts";

/**
 * Chooses the release name for the preview of a stack that builds; only a merge chooses the final one. The newest verified
 * release keeps its name if the source is the same, other source gets the next number.
 *
 * @returns undefined if the stack file's own name applies: the stack promotes, names no release, or has verified none
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

/** Does some work while the stack file names another release; restores the file afterwards. */
export async function withName<T>(file: StackFile, name: string | undefined, work: () => Promise<T>): Promise<T> {
  if (name === undefined) return work();
  const before = readFileSync(file.path, "utf8");
  try {
    writeRelease(file, name);
    return await work();
  } finally {
    writeFileSync(file.path, before);
  }
}
