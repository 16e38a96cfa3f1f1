import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Preview } from "../../../commands/preview/preview.ts";
import { readPreview } from "../../../commands/preview/read-preview.ts";
import type { CommitLog } from "../../../commands/review/commits.ts";
import { type Review, reviewOf } from "../../../commands/review/review.ts";

const folder = join(import.meta.dirname, "previews");

/** What a real `pulumi preview --json` printed; record-previews.ts tells how it came about. */
export const textOf = (name: string): string => readFileSync(join(folder, `${name}.json`), "utf8");

const known = new Map<string, Preview>();

/** A recorded preview, as that of another environment where one is named; read once for all tests: not for the caller to change. */
export function recorded(name: string, environment?: string): Preview {
  const preview = known.get(name) ?? readPreview(textOf(name), name);
  known.set(name, preview);
  return environment === undefined ? preview : { ...preview, environment };
}

/** Git that knows nothing. */
export const noLog: CommitLog = async () => undefined;

/** A review of recorded previews. */
export const review = (...names: string[]): Promise<Review> =>
  reviewOf(
    names.map((name) => recorded(name)),
    [],
    noLog,
  );
