import { type Sentence, say, show, unknown } from "../cli/sentence.ts";
import type { FieldDifference } from "../environments/differences.ts";
import { metadataOf } from "../preview/manifest.ts";
import type { State, Step } from "../preview/preview.ts";

/** The commits of two releases; a rollback goes from the later one to the earlier one. */
export interface CommitRange {
  readonly from: string;
  readonly to: string;
}

/** The file in a ConfigMap that tells pods their release. */
const file = "release.json";

/** Returns whether a field only repeats which release or image it is. */
export const belongsToRelease = ({ field, left, right }: FieldDifference): boolean =>
  field.startsWith(`data[${file}]`) ||
  /annotations.*(org\.opencontainers\.image|kubernetes\.io\/change-cause|slipway\/break-glass)/.test(field) ||
  /\.image(\.digest)?$/.test(field) ||
  right === unknown ||
  [left, right].every((value) => /^sha256:[0-9a-f]{64}$/.test(String(value)));

/** Says the change of release, as in `release v1.16 → v1.17`; nothing if the resource names none. */
export function releaseOf({ op, before, after }: Step): Sentence[] {
  if (op !== "update") return [];
  const [from, to] = [before, after].map((state) => annotation(state, "version") ?? nameInFile(state));
  // Only the update will know the content of such a file.
  const differs = from !== to && (after?.inputs.data as Record<string, unknown> | undefined)?.[file] !== unknown;
  return differs ? [say`release ${show(from)} → ${show(to)}`] : [];
}

function nameInFile(state?: State): unknown {
  const text = (state?.inputs.data as Record<string, unknown> | undefined)?.[file];
  if (typeof text !== "string") return undefined;
  try {
    return JSON.parse(text).name;
  } catch {
    return undefined;
  }
}

/** Reads an annotation that repeats a label of the image: https://specs.opencontainers.org/image-spec/annotations/ */
const annotation = (state: State | undefined, key: "version" | "revision"): string | undefined =>
  metadataOf(state).annotations?.[`org.opencontainers.image.${key}`];

/** Returns the commits of the old and the new release. */
export function commitsOf({ op, before, after }: Step): CommitRange | undefined {
  const [from, to] = [before, after].map((state) => annotation(state, "revision"));
  return op === "update" && from !== undefined && to !== undefined && from !== to ? { from, to } : undefined;
}
