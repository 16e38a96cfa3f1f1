import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Preview } from "../../../commands/preview/preview.ts";
import { readPreview } from "../../../commands/preview/read-preview.ts";
import type { CommitLog } from "../../../commands/review/commits.ts";
import { type Review, reviewOf } from "../../../commands/review/review.ts";

const folder = join(import.meta.dirname, "previews");

/** Returns the output of `pulumi preview --json` that record-previews.ts recorded. */
export function textOf(name: string): string {
  const text = readFileSync(join(folder, `${name}.json`), "utf8");
  return name === "plain-many" ? withMany(text) : text;
}

/** Puts back the steps of many-1 to many-299, which differ from that of many-0 only by the number and are not kept. */
function withMany(text: string): string {
  const { steps, ...rest } = JSON.parse(text);
  const copies = (step: { urn: string }) =>
    Array.from({ length: 300 }, (_, n) =>
      JSON.parse(JSON.stringify(step).replaceAll("many-0", `many-${n}`).replaceAll("number 0", `number ${n}`)),
    );
  return JSON.stringify({
    ...rest,
    steps: steps.flatMap((step: { urn: string }) => (step.urn.endsWith("::many-0") ? copies(step) : [step])),
  });
}

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
