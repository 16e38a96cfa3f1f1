import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Preview } from "../../../commands/preview/preview.ts";
import { readPreview } from "../../../commands/preview/read-preview.ts";
import type { CommitLog } from "../../../commands/review/commits.ts";
import { type Review, reviewOf } from "../../../commands/review/review.ts";

const folder = join(import.meta.dirname, "previews");

/** Returns the output of `pulumi preview --json` that record-previews.ts recorded. */
export const textOf = (name: string): string => readFileSync(join(folder, `${name}.json`), "utf8");

const cache = new Map<string, Preview>();

/** Reads a recorded preview, once for all tests. @param environment name to give it */
export function recorded(name: string, environment?: string): Preview {
  const preview = cache.get(name) ?? readPreview(textOf(name), name);
  cache.set(name, preview);
  return environment === undefined ? preview : { ...preview, environment };
}

/** Knows no commits. */
export const noLog: CommitLog = async () => undefined;

/** Reviews recorded previews. */
export const review = (...names: string[]): Promise<Review> =>
  reviewOf(
    names.map((name) => recorded(name)),
    [],
    noLog,
  );
